/** Owns what a text of one line may be, wherever people type one into the library. */
import {z} from 'zod';

/** What is typed in one line: no control characters, nothing that turns the text around it, no blanks at the ends. */
export const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine(text => !/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text), 'holds characters that are not shown');
