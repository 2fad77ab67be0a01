#!/bin/sh
# fan-out.sh [NAME …]: runs probe/NAME.sh on every server of the file `hosts` (or on those named), several at a time,
# through this machine's own ssh, and leaves out/NAME.probe. Hosts are only read.
#
# From the environment: SSH, the program (ssh) · SSH_OPTIONS, more options for it (such as "-F config -J jump") ·
# JOBS, how many at a time (8) · LIMIT, seconds for one server (60).
#
# Exit status: 0 every server answered, 3 some did not, 2 nothing was asked, 130 interrupted.

# Solaris 10: its /bin/sh is older than POSIX
if test -x /usr/xpg4/bin/sh && test "${PMX_SHELL:-}" = ""; then
    PMX_SHELL=xpg4 PATH=/usr/xpg4/bin:$PATH
    export PMX_SHELL PATH
    exec /usr/xpg4/bin/sh "$0" "$@"
fi

set -u
umask 077
unset CDPATH
LC_ALL=C SSH=${SSH:-ssh} SSH_OPTIONS=${SSH_OPTIONS:-} JOBS=${JOBS:-8} LIMIT=${LIMIT:-60}
export LC_ALL
BLOCKS=2048 # of 512 bytes (some shells: 1024): a host that prints without end is cut off

stop() {
    printf 'fan-out.sh: %s\n' "$1" >&2
    exit 2
}

# What ssh_config may say of a host that runs something else than the probe, or lets it hear nothing. An ssh that does not
# show such a setting knows no option for it.
overrides() { # HOST
    # shellcheck disable=SC2086 # lists of words
    "$SSH" -G $SSH_OPTIONS $user -- "$1" </dev/null 2>/dev/null | awk '
        $1 == "remotecommand" && $2 != "none" { print "-o RemoteCommand=none" }
        $1 == "sessiontype" && $2 != "default" { print "-o SessionType=default" }
        $1 == "stdinnull" && $2 != "no" { print "-o StdinNull=no" }'
}

# ssh hides why it failed at a lower LogLevel; the host key is checked as ssh_config says, and nothing is relaxed
connect() { # NAME HOST USER COMMAND
    ulimit -f "$BLOCKS"
    user=
    [ "$3" = - ] || user="-l $3"
    # shellcheck disable=SC2046,SC2086 # overrides, SSH_OPTIONS and user are lists of words
    exec "$SSH" $(overrides "$2") -T -o BatchMode=yes -o LogLevel=INFO -o ConnectTimeout=10 -o ServerAliveInterval=5 \
        -o ServerAliveCountMax=3 -o ClearAllForwardings=yes $SSH_OPTIONS $user -- "$2" "$4"
}

# It looks once a second instead of being told to end: a signal to a shell that has only just begun can be lost.
watch() { # PID PART NOTE: ends a process that takes too long, and says so in a file
    seconds=0
    while [ "$seconds" -lt "$LIMIT" ]; do
        sleep 1
        seconds=$((seconds + 1))
        [ -f "$2" ] && kill -0 "$1" || return 0
    done
    : >"$3"
    kill "$1"
    sleep 2
    kill -9 "$1"
}

ask() { # NAME HOST USER COMMAND
    part=out/$1.part errors=out/$1.err late=out/$1.late
    rm -f "out/$1.probe" "$part" "$errors" "$late"
    printf '@host %s\n@asked-at %s kit\n' "$1" "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" >"$part"
    connect "$@" <"probe/$1.sh" >>"$part" 2>"$errors" &
    asked=$!
    watch "$asked" "$part" "$late" </dev/null >/dev/null 2>&1 &
    wait "$asked" 2>/dev/null
    status=$?
    asked=''
    [ ! -f "$late" ] || status=-$LIMIT
    [ "$(wc -c <"$part")" -lt $((BLOCKS * 512)) ] || status=+
    seal "$1" "$part" "$status" "$errors" >"out/$1.sealed"
    mv "out/$1.sealed" "out/$1.probe"
    rm -f "$part" "$late"
    [ -s "$errors" ] || rm -f "$errors"
}

seal() { # NAME PART STATUS ERRORS: the output with its checksum, or what there is of it and why there is no more
    # what a banner or a noisy login prints before the probe is left out: it could look like the end
    awk 'NR <= 2 { print; next } /^@probe 1 / { on = 1 } on { print } on && /^@done [0-9]/ { exit }' "$2" |
        tr -d '\015' >"out/$1.whole"
    if grep '^@done [0-9][0-9]*$' "out/$1.whole" >/dev/null; then
        cat "out/$1.whole"
        # shellcheck disable=SC2046 # two numbers, which some systems part by a tab
        printf '@cksum %s %s\n' $(cksum <"out/$1.whole")
        rm -f "out/$1.whole"
    else
        rm -f "out/$1.whole"
        dd if="$2" bs=1024 count=64 2>/dev/null
        printf '\n@failed %s\n' "$3"
        tail -n 20 "$4" | sed 's/^/|/'
    fi
}

wanted() { # NAME: whether it was named, or nobody was
    case " $names " in
    '  ' | *" $1 "*) return 0 ;;
    esac
    return 1
}

each() { # FUNCTION: calls it for each server that is wanted
    while read -r name host user command; do
        case $name in
        '' | '#'*) continue ;;
        esac
        ! wanted "$name" || "$1" "$name" "$host" "$user" "$command"
    done <hosts
}

turn() { # every JOBS-th server is this worker's
    count=$((count + 1))
    [ $((count % JOBS)) -ne "$worker" ] || ask "$@"
}

work() {
    asked='' count=-1
    trap '[ -z "$asked" ] || kill "$asked"; exit 130' TERM
    each turn
}

plain() {
    sed -e 's/^|//' -e 's/^@failed +$/it prints without end/' -e 's/^@failed -\(.*\)/no whole answer within \1 s/' \
        -e 's/^@failed \(.*\)/no whole answer, and ssh ended with \1/'
}

tell() {
    total=$((total + 1))
    if tail -n 1 "out/$1.probe" | grep '^@cksum ' >/dev/null; then
        answered=$((answered + 1))
    else
        printf '  %s (%s): %s\n' "$1" "$2" "$(tail -n 1 "out/$1.probe" | plain | tr -d '\015' | tr -c '[:print:]\n' '?')"
    fi
}

known() {
    total=$((total + 1))
    [ -f "probe/$1.sh" ] || stop "$1 of the file hosts has no probe/$1.sh: name it as the deployment does"
}

cd "$(dirname "$0")" || exit 2
names=$*
[ -f hosts ] || stop "there is no file hosts beside it"
if command -v sha256sum >/dev/null; then
    sha256sum -c SHA256SUMS >/dev/null 2>&1 || stop "a file is not as it was made; sha256sum -c SHA256SUMS says which"
fi
total=0
each known
[ "$total" -gt 0 ] || stop "no server of the file hosts is called so: ${names:-it is empty}"
[ "$total" -ge "$#" ] || stop "not every name is in the file hosts: $names"
[ -d out ] || mkdir out || exit 2

workers=
# shellcheck disable=SC2086 # process ids
trap 'trap "" INT TERM HUP; kill $workers 2>/dev/null; wait; exit 130' INT TERM HUP
worker=0
while [ "$worker" -lt "$JOBS" ] && [ "$worker" -lt "$total" ]; do
    work &
    workers="$workers $!"
    worker=$((worker + 1))
done
wait

total=0 answered=0
each tell
printf 'Servers that answered: %s of %s. Copy the directory out back as it is.\n' "$answered" "$total"
[ "$answered" -eq "$total" ] || exit 3
