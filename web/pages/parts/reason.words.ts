/** Owns nothing: the words of all reasons in one file, which a browser fetches when there is one to say. */
export {failureText} from './failure.words.ts';
export {waitText} from './waits.words.ts';
