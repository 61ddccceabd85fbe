# A job process that does what its film says: the film is a script, run after this. `film.sh JOB-FOLDER`.
job=$1
out=$job/out

say() { printf '%s\n' "$1" >&3; }
note() { say "{\"is\":\"note\",\"text\":\"$1\"}"; }
# Waits for what it is told; what that was stays in the job's folder for the test to see.
hear() { IFS= read -r told <&3 && printf '%s\n' "$told" >>"$job/told"; }
# Waits until the test makes a file of that name in the job's folder.
await() { while [ ! -e "$job/$1" ]; do sleep 0.02; done; }
stopped() { say '{"is":"failed","failure":{"reason":"stopped"}}'; }
# An output for each name, with the words in it.
dub() {
  words=$1
  shift
  list=
  for name in "$@"; do
    printf %s "$words" >"$out/$name.new"
    mv "$out/$name.new" "$out/$name"
    digest=$(sha256sum <"$out/$name")
    list="$list${list:+,}{\"kind\":\"film\",\"path\":\"$out/$name\",\"bytes\":${#words},\"digest\":\"${digest%% *}\"}"
  done
  say "{\"is\":\"done\",\"outputs\":[$list],\"summary\":[\"Good. It is long.\"]}"
}

. "$job"/source/*.mp4
