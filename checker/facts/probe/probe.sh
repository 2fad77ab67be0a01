#!/bin/sh
# shellcheck disable=SC2016,SC2015,SC2320 # what stands in single quotes here is for another reader: csh, awk
test "$?A" = 0A && eval '(eval ": \$((1))") 2>/dev/null || for s in /usr/xpg4/bin/sh /usr/bin/ksh /bin/ksh /usr/local/bin/bash /bin/bash; do test -x $s && case $- in *s*) exec $s -s ;; *) exec $s "$0" ;; esac; done' || exec /bin/sh -c 'for s in /usr/xpg4/bin/sh /usr/bin/ksh /bin/ksh /bin/bash /bin/sh; do test -x $s && exec $s -s; done'
#@parameters

# The pmx-preflight probe: it only reads. No file is written, no setting changed, nobody signed on, nothing left running.
#
# The long line above is read by Bourne shells, csh and POSIX shells alike, and hands over to a POSIX shell where it is not in
# one. Bourne and csh read ahead in blocks, so script.py puts a bank of # behind it: wherever a block ends, the next
# shell begins in a comment.
#
# Everything else is between two braces, the last of which is the last line, so that a copy that was cut does nothing.
#

unalias -a 2>/dev/null
{
PATH=/usr/xpg4/bin:/usr/bin:/bin:/usr/sbin:/sbin
export PATH
LC_ALL=C TZ=UTC0
export LC_ALL TZ
umask 077
# what a user's or an administrator's environment may do to the commands used here
unset IFS CDPATH ENV BASH_ENV GREP_OPTIONS POSIXLY_CORRECT BLOCKSIZE BLOCK_SIZE DF_BLOCK_SIZE DU_BLOCK_SIZE \
    LS_BLOCK_SIZE TIME_STYLE QUOTING_STYLE PS_FORMAT PS_PERSONALITY AWKPATH LD_PRELOAD LD_LIBRARY_PATH LANGUAGE
unset -f awk cat date df du echo egrep exec find getent grep hostname id ip kill ls mount nawk netstat nice printf ps \
    sed sh sleep sort ss tail test ulimit uname unalias wait 2>/dev/null

PMX_SOURCE=${PMX_SOURCE:-/opt/pmx}
PMX_TARGET=${PMX_TARGET:-/opt/pmx6}
# as declared: what is empty here stands at its documented place, or was not asked for
asked="deployment $PMX_DEPLOYMENT
paths.source $PMX_SOURCE
paths.target $PMX_TARGET
paths.quarantine $PMX_QUARANTINE
paths.logs $PMX_LOGS
paths.database $PMX_DATABASE
paths.backup $PMX_BACKUP
pmx_status ${PMX_STATUS:-0}
script $PMX_SCRIPT"
PMX_QUARANTINE=${PMX_QUARANTINE:-$PMX_SOURCE/var/qdir}
PMX_LOGS=${PMX_LOGS:-$PMX_SOURCE/var/log}
PMX_DATABASE=${PMX_DATABASE:-$PMX_SOURCE/postgres}
PMX_CONFIGURATION=${PMX_CONFIGURATION:-$PMX_SOURCE/etc}
PMX_QUEUE=${PMX_QUEUE:-$PMX_SOURCE/postfix}
PMX_DEADLINE=${PMX_DEADLINE:-50}
PMX_DIGEST=${PMX_DIGEST:-0000000000000000}

main() {
    token="@pmx$$.$PMX_DIGEST"
    awk='awk'
    has nawk && awk=nawk # awk of Solaris 10 is the one of 1977
    trap 'end_family "$$" "$$" 2>/dev/null; exit 1' HUP INT TERM PIPE
    stop=''
    body </dev/null 2>/dev/null | format &
    output=$!
    last_resort </dev/null >/dev/null 2>&1 &
    last_resort=$!
    wait $output
    kill $last_resort
    wait $last_resort || :
}

has() { command -v "$1" >/dev/null 2>&1; }

# ---- the sections' frame -------------------------------------------------------------------------------------------

# All sections go through one awk: it marks the raw lines, counts and caps them, and adds up what du and find print, so
# that the sum so far is kept when these are stopped. 2000 lines and 200 KB a section, 900 KB in all.
#
# Whatever the section, no line leaves with what a mount source, a link or an error may hold of a login: of ://...@ and
# user:...@ everything before the @, of an address what follows its ?, of pass=, secret=, token=, key= their values.
format() {
    "$awk" '
        function row(text) { print "|" text; lines++; printed += length(text) }
        function plain(text,    before, found) {
            if (text !~ /[@=]/) return text
            gsub(/:\/\/[^ \t]*@/, "://...@", text)
            gsub(/[^ \t:\/@,]+:[^ \t\/][^ \t]*@/, "...@", text)
            if (text ~ /:\/\//) gsub(/\?[^ \t]*=[^ \t]*/, "?...", text)
            before = ""
            while (match(text, /([Pp][Aa][Ss][Ss]|[Pp][Ww][Dd]|[Ss][Ee][Cc][Rr][Ee][Tt]|[Tt][Oo][Kk][Ee][Nn]|[Kk][Ee][Yy]|[Cc][Rr][Ee][Dd])[A-Za-z_-]*=[^ \t,;&]+/)) {
                found = substr(text, RSTART, RLENGTH)
                before = before substr(text, 1, RSTART - 1) substr(found, 1, index(found, "=")) "..."
                text = substr(text, RSTART + RLENGTH)
            }
            return before text
        }
        $1 == token && $2 == "probe" { print "@probe 1 " $3; next }
        $1 == token && $2 == "done" { print "@done " sections + 0; next }
        $1 == token && $2 == "begin" {
            name = $3; mode = $4; open = 1; lines = blank = bytes = cut = top = sum = count = whole = refused = 0
            inside = sized = 0
            absent = printed = 0; newest = ""; status = "-"
            command = substr($0, length($1 $2 $3 $4) + 5)
            print "@begin " name " " command
            next
        }
        $1 == token && $2 == "status" { if (blank) blank--; status = $3; next }
        $1 == token && $2 == "end" {
            if (blank) blank-- # each marker begins with a line end of its own
            if ($3 != "") status = "-"
            part = name; sub(/\.[a-z_]*$/, "", part) # without what is told of it
            if (mode == "sum" && !absent) {
                for (i = 1; i <= top; i++) sum += size[i]
                sum = sprintf("%.0f", sum) # a large number is 1e+10 in some awk
                if (whole && !refused && status != "-") { row("total " sum); kib[part] = sum }
                else row("partial " sum)
            }
            if (mode == "count" && !absent) {
                if (whole && !refused && status != "-") { row("total " count); files[part] = count }
                else row("partial " count + 0)
                if (newest != "") last[part] = substr(newest, 1, 19) "Z"
            }
            if (mode == "sum" && absent) kib[part] = 0
            if (mode == "count" && absent) files[part] = 0
            if (mode == "manifest") {
                n = split("quarantine logs database configuration queue", parts, " ")
                for (i = 1; i <= n; i++) {
                    p = "parts." parts[i]
                    if (files[p] == "" || kib[p] == "") continue
                    row(parts[i] " " files[p] " " kib[p] " " (last[p] == "" ? "-" : last[p]))
                }
            }
            for (; blank > 0; blank--) row("")
            print "@end " name " " (cut ? "-" : status) " " lines " " printed
            open = 0; sections++
            # of the same walk, the bytes in the files
            if (mode == "count" && part ~ /^parts/ && (absent || sized == count)) {
                lines = printed = 0
                print "@begin " part ".apparent_kib " command ", bytes in blocks of 4 KiB"
                if (absent) row("absent")
                else row((part in files ? "total " : "partial ") sprintf("%.0f", inside))
                print "@end " part ".apparent_kib " status " " lines " " printed
                sections++
            }
            next
        }
        !open || cut { next }
        mode == "sum" && /^[0-9]+[ \t]+\// {
            path = substr($0, index($0, "/"))
            # du prints a directory after those in it, whose room it includes
            while (top > 0 && index(place[top], path "/") == 1) top--
            top++; place[top] = path; size[top] = $1
            if (substr(path, length(path) - 1) == "/.") whole = 1
            next
        }
        mode == "count" && /^[-0-9]/ {
            # a time and a size, or a row of ls
            kept = $2
            if (/^-/) kept = $5
            else if ($1 > newest) newest = $1
            count++
            if (kept ~ /^[0-9]+$/) { inside += int((kept + 4095) / 4096) * 4; sized++ }
            next
        }
        mode == "count" && $1 == "finished" { whole = ($2 < 2); next }
        $1 == "refused" {
            refused++
            # the words of a command that failed: a wrapper may tell what it tried to sign on with
            if (tolower($0) ~ /(pass|pwd|secret|token)[a-z_]* *=|:\/\/[^ ]*@/) $0 = "refused (words with a secret in them)"
        }
        (mode == "sum" || mode == "count") && $0 == "absent" { absent = 1 }
        $0 == "" { blank++; next }
        {
            bytes += length($0) + 2; total += length($0) + 2
            if (lines + blank >= 2000 || bytes > 200000 || total > 900000) { cut = 1; next }
            for (; blank > 0; blank--) row("")
            row(plain($0))
        }
    ' token="$token" -
}

begin() { # NAME MODE COMMAND
    printf '\n%s begin %s %s %s\n' "$token" "$1" "$2" "$3"
}

# The status goes the way of the output: what wait says of a child that ends while a signal comes is not to be relied on.
run() { # COMMAND...
    "$@"
    printf '\n%s status %s\n' "$token" $?
}

finish() { # [STOPPED]
    printf '\n%s end %s\n' "$token" "${over:+-}$1"
}

# A command that answers at once. Only the deadline guards it.
quick() { # NAME COMMAND...
    quick_name=$1
    shift
    shown "$quick_name" "$*" "$@"
}

shown() { # NAME WHAT-TO-CALL-IT COMMAND...
    begin "$1" raw "$2"
    shift 2
    [ -n "$over" ] || run "$@"
    finish
}

# A command that may hang or take long: stopped after its own limit, and what it printed is kept. The clock's signal ends
# the wait every second; one that is lost (mksh) is made up for by the next, and so is a child whose end is lost (bash).
slow() { # NAME SECONDS MODE WHAT-TO-CALL-IT COMMAND...
    begin "$1" "$3" "$4"
    left=$2
    shift 4
    if [ -z "$over" ]; then
        ticked=''
        run "$@" &
        child=$!
        while :; do
            wait $child
            { [ -n "$ticked" ] && [ -z "$over" ] && kill -0 $child; } || break
            ticked=''
            left=$((left - 1))
            case $left in
            0 | -1) end_family "$self" "$self" "$clock" ;;
            -2) break ;; # not even that: a file server that is gone
            esac
        done
    fi
    if [ "$left" -gt 0 ]; then finish; else finish -; fi
}

# ---- the clock: it ends what this probe started, and nothing else ----------------------------------------------------

# Sets `me` to the process that a subshell runs in: $$ is still the one of the first shell there.
find_me() {
    [ -r /proc/self/stat ] && read -r me rest </proc/self/stat || me=$(exec sh -c 'echo $PPID')
}

# The first row is the process that prints them.
parents() {
    if has ps; then
        exec sh -c 'echo $$ 0; UNIX95=1; export UNIX95; exec ps -A -o pid= -o ppid='
    else
        exec sh -c 'echo $$ 0; cat /proc/[0-9]*/stat | sed -n "s/^\([0-9]*\) (.*) [A-Za-z] \([0-9]*\) .*/\1 \2/p"'
    fi
}

# All that descends from ROOT without what ME and KEEP are and run, parents before their children. Nothing when ROOT is no
# longer above ME: then its number may be another process's by now. Without what looks, too: it is gone when this is read,
# and a shell that does not wait for all of a pipe (yash) would leave it behind, held for ever.
family() { # ROOT ME KEEP
    rows=$(parents)
    printf '%s\n' "$rows" | "$awk" '
        NR == 1 { looking = $1; next }
        { row[++rows] = $1; parent[$1] = $2 }
        END {
            for (p = me; p > 1 && p != root; p = parent[p]) if (++hops > 200) exit
            if (p != root) exit
            hops = 0
            for (p = looking; p > 1 && p != me; p = parent[p]) { own[p] = 1; if (++hops > 200) exit }
            if (keep) own[keep] = 1
            if (me != root) own[me] = 1
            for (i = 1; i <= rows; i++) {
                p = row[i]
                hops = 0
                for (q = p; q > 1 && q != root; q = parent[q]) if (q in own || ++hops > 200) q = 0
                if (q == root && p != root) { at[hops] = at[hops] p "\n"; if (hops > deepest) deepest = hops }
            }
            for (i = 0; i <= deepest; i++) printf "%s", at[i]
        }
    ' root="$1" me="$2" keep="${3:-0}" -
}

# Each is held before any is ended: one that began another after the look that found it would leave that one behind,
# and so would one that heeded a TERM which its child does not. Held are parents first, because a shell may go on when its
# child is held; ended are children first, so that another of us, which holds this one in the middle, still finds the rest.
end_family() { # ROOT ME KEEP
    for pid in $(family "$@"); do kill -STOP "$pid"; done
    for pid in $(family "$@"); do kill -STOP "$pid"; done
    last_first=''
    for pid in $(family "$@"); do last_first="$pid $last_first"; done
    for pid in $last_first; do kill -KILL "$pid"; done
}

orphaned() { # PID PARENT
    parent=''
    if [ -r "/proc/$1/stat" ]; then
        read -r parent <"/proc/$1/stat"
        parent=${parent##*") "? }
        parent=${parent%% *}
    elif has ps; then
        parent=$(UNIX95=1 ps -o ppid= -p "$1")
    fi
    [ "${parent:-0}" -ne "$2" ]
}

# Lets a second pass, with a sleep that goes at once when this process is told to; fails when it was, or is nobody's.
second() { # ME PARENT
    [ -z "$stop" ] || return 1
    sleep 1 &
    nap=$!
    [ -n "$stop" ] || wait $nap
    [ -n "$stop" ] || ! kill -0 $nap || wait $nap # posh comes back early, and tells why only after another command
    [ -z "$stop" ] || return 1
    nap=''
    ! orphaned "$1" "$2"
}

# A child of the body. At the deadline it tells the body to begin nothing more, and ends what runs.
clock() {
    nap=''
    trap 'stop=1; [ -z "$nap" ] || kill "$nap"; nap=""' HUP INT TERM # and ends what it has begun before it goes
    find_me
    seconds=0
    while second "$me" "$self"; do
        seconds=$((seconds + 1))
        if [ $seconds -lt "$PMX_DEADLINE" ]; then
            kill -USR1 "$self"
        else
            kill -USR2 "$self"
            end_family "$self" "$me"
        fi
    done
    [ -z "$nap" ] || kill "$nap" # told to go while it began this one
    wait
}

# A child of the first shell, for when not even that helps: nobody reads what the probe prints, or a file server that is
# gone holds it. One sleep for all that time, so that a host has as little to do as can be.
last_resort() {
    nap=''
    trap 'stop=1; [ -z "$nap" ] || kill "$nap"; nap=""' HUP INT TERM
    find_me
    sleep $((PMX_DEADLINE + 4)) &
    nap=$!
    while [ -z "$stop" ] && kill -0 $nap; do wait $nap; done
    if [ -z "$stop" ]; then
        nap=''
        orphaned "$me" "$$" || { end_family "$$" "$me"; kill -KILL "$$"; }
    fi
    [ -z "$nap" ] || kill "$nap" # told to go while it began this one
    wait
}

# ---- what is asked ---------------------------------------------------------------------------------------------------

body() {
    over=''
    find_me
    self=$me
    trap 'ticked=1' USR1
    trap 'over=1' USR2
    trap 'end_family "$self" "$self"; exit 1' HUP INT TERM PIPE
    clock >/dev/null &
    clock=$!
    tab=$(printf '\t')
    newline='
'
    system=$(uname -s)
    node=$(uname -n)
    node_status=$?
    part_seconds=$((PMX_DEADLINE * 2 / 5 + 1))

    printf '\n%s probe %s\n' "$token" "$PMX_DIGEST"
    shown asked 'the values that the deployment declared' printf '%s\n' "$asked"
    identity
    quick privilege.euid id
    platform
    storage
    puremessage
    parts
    printf '\n%s done\n' "$token"

    kill $clock
    wait $clock
}

# ---- identity

identity() {
    shown identity.nodename 'uname -n' node_name
    has hostname && quick identity.hostname hostname
    shown identity.configured_hostname 'lines of the files that name the host at boot' configured
    if [ "$system" = HP-UX ]; then
        quick identity.addresses netstat -in
    elif has ip; then
        quick identity.addresses ip -o addr show
    elif has ifconfig; then
        quick identity.addresses ifconfig -a
    elif has netstat; then
        quick identity.addresses netstat -in
    fi
    if has ip; then
        shown identity.default_route_addresses 'ip route show default; ip -6 route show default' default_routes
    elif has netstat; then
        shown identity.default_route_addresses 'netstat -rn, default rows' netstat_routes
    fi
    shown identity.leases 'lines of DHCP lease files' leases
    for file in /etc/machine-id /var/lib/dbus/machine-id; do
        [ -f "$file" ] && quick identity.machine_id cat "$file" && break
    done
    shown identity.host_keys 'cat ssh_host_*_key.pub' host_keys
    [ -f /etc/hosts ] && shown identity.hosts_file "lines of /etc/hosts with $node" own_lines
    look_up identity.lookup "$node"
}

node_name() {
    printf '%s\n' "$node"
    return "$node_status"
}

lines() { # FILE PATTERN
    [ -f "$1" ] || return 0
    if [ -r "$1" ]; then
        # a comment behind a value may say anything
        sed -n "/$2/{s|[ $tab]#.*||;s|^|$1:|p;}" "$1"
    else
        echo "refused $1: may not be read"
    fi
}

configured() {
    for file in /etc/hostname /etc/nodename /etc/HOSTNAME /etc/myname; do
        lines $file "^[ $tab]*[^# $tab]"
    done
    lines /etc/sysconfig/network "^[ $tab]*HOSTNAME="
    lines /etc/conf.d/hostname "^[ $tab]*hostname="
    lines /etc/rc.conf "^[ $tab]*hostname="
    lines /etc/rc.conf.local "^[ $tab]*hostname="
    lines /etc/rc.config.d/netconf "^[ $tab]*HOSTNAME="
    [ "$system" != AIX ] || lsattr -El inet0 -a hostname | sed 's/^/lsattr:/'
    ! has svcprop || svcprop -p config/nodename svc:/system/identity:node | sed 's/^/svcprop:/'
}

default_routes() {
    ip route show default || return
    ip -6 route show default || : # fails where there is no IPv6
}

netstat_routes() { netstat -rn | sed -n '/^ *default/p;/^ *0\.0\.0\.0/p;/^ *::\/0/p;/^ *Destination/p;/^ *Routing/p;/^ *Internet/p'; }

leases() {
    for file in /var/lib/dhcp/*.lease* /var/lib/dhclient/*.lease* /var/lib/NetworkManager/*.lease \
        /run/systemd/netif/leases/* /var/db/dhclient.leases*; do
        [ -f "$file" ] || continue
        # the newest lease stands last, and a file may hold years of them
        lines "$file" "^[ $tab]*\\(interface \\|fixed-address \\|expire \\|ADDRESS=\\)" | tail -60
    done
    ! has dhcpinfo || dhcpinfo Yiaddr | sed 's/^/dhcpinfo:/'
}

host_keys() {
    set --
    for file in /etc/ssh/ssh_host_*key.pub /usr/local/etc/ssh_host_*key.pub /usr/local/etc/ssh/ssh_host_*key.pub \
        /opt/ssh/etc/ssh_host_*key.pub /opt/csw/etc/ssh/ssh_host_*key.pub /etc/openssh/ssh_host_*key.pub; do
        [ ! -f "$file" ] || set -- "$@" "$file"
    done
    [ $# -eq 0 ] || cat "$@"
}

own_lines() {
    "$awk" '
        { sub(/#.*/, "") }
        { for (i = 2; i <= NF; i++) if ($i == node || $i == short || index($i, short ".") == 1) { print; next } }
    ' node="$node" short="${node%%.*}" /etc/hosts
}

look_up() { # SECTION NAME
    if has getent; then
        slow "$1" 5 raw "getent hosts $2" getent hosts "$2"
    elif has nslookup; then
        slow "$1" 5 raw "nslookup $2" nslookup "$2"
    fi
}

# ---- platform

platform() {
    shown platform.uname 'uname -s; uname -r; uname -m' uname_lines
    for file in /etc/os-release /etc/redhat-release /etc/SuSE-release /etc/release; do
        [ -f $file ] && quick platform.distribution cat $file && break
    done
    if cpus=$(getconf _NPROCESSORS_ONLN); then
        shown platform.cpus 'getconf _NPROCESSORS_ONLN' echo "$cpus"
    elif has psrinfo; then
        quick platform.cpus psrinfo
    elif has lsdev; then
        quick platform.cpus lsdev -Cc processor
    fi
    if [ -f /proc/meminfo ]; then
        quick memory.total_kib grep MemTotal: /proc/meminfo
    elif has prtconf; then
        shown memory.total_kib 'prtconf, memory' solaris_memory
    elif [ "$system" = AIX ]; then
        quick memory.total_kib lsattr -El sys0 -a realmem
    elif has sysctl; then
        quick memory.total_kib sysctl hw.physmem
    fi
    if has ulimit; then shown limits.open_files 'ulimit -Sn; ulimit -Hn' open_files; fi
    quick platform.clock date -u '+%Y-%m-%dT%H:%M:%SZ'
    if has ps; then
        # the kernel's own threads are no programs
        kernel=''
        [ ! -r /proc/2/comm ] || read -r kernel </proc/2/comm
        if [ "$kernel" = kthreadd ]; then
            slow processes 10 raw 'ps --ppid 2 -p 2 --deselect -o user= -o comm=' \
                ps --ppid 2 -p 2 --deselect -o user= -o comm=
        else
            slow processes 10 raw 'ps -A -o user= -o comm=' all_processes
        fi
    fi
    slow platform.cron 5 raw 'time fields of cron tables' cron_tables
}

uname_lines() {
    printf '%s\n' "$system"
    uname -r
    uname -m
}

solaris_memory() { prtconf | grep '^Memory'; }

# shellcheck disable=SC3045 # each of the shells that are handed over to has both; one without says so by its status
open_files() {
    ulimit -Sn
    ulimit -Hn
}

# on FreeBSD -e would show environments
all_processes() { UNIX95=1 ps -A -o user= -o comm=; }

CRON_PLACES='/etc/crontab /etc/cron.d/* /var/spool/cron/* /var/spool/cron/crontabs/* /var/spool/cron/tabs/*
    /var/cron/tabs/*'

cron_tables() { each "$CRON_PLACES" cron_times; }

# What stands behind the time fields can hold a password: nothing leaves but digits, the signs between them, and the names
# of months, weekdays and of such times as @daily.
cron_times() { # FILE...
    "$awk" '
        length($0) > 4000 { next }
        /^[ \t]*CRON_TZ[ \t]*=[ \t]*["\047]?[A-Za-z0-9_+\/-]+["\047]?[ \t]*$/ {
            zone = substr($0, index($0, "=") + 1)
            gsub(/[ \t"\047]/, "", zone)
            print FILENAME ":CRON_TZ=" zone
            next
        }
        $1 ~ /^@(reboot|yearly|annually|monthly|weekly|daily|midnight|hourly|every_minute)$/ {
            if (NF > 1) print FILENAME ":" $1
            next
        }
        NF > 5 {
            sub(/^-/, "", $1) # of SUSE: this one is not logged
            names = tolower($4 "," $5)
            gsub(/jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat/, "1", names)
            if (length($1 $2 $3 $4 $5) < 200 && ($1 "," $2 "," $3 "," names) ~ /^[0-9*][-0-9*,\/~]*$/)
                print FILENAME ":" $1 " " $2 " " $3 " " $4 " " $5
        }
    ' "$@"
}

# ---- storage

storage() {
    if df -Pk / >/dev/null; then df=-Pk; else df=-k; fi
    if [ "$system" = HP-UX ]; then
        slow storage.space 10 raw 'bdf -l' bdf -l
        slow storage.inodes 10 raw 'bdf -i -l' bdf -i -l
    else
        # local file systems alone: one whose server is gone would hold the probe
        if df ${df}l / >/dev/null; then all="${df}l"; else all=$df; fi
        slow storage.space 10 raw "df $all" df "$all"
        case $system in
        SunOS) slow storage.inodes 10 raw 'df -o i' df -o i ;;
        Linux) slow storage.inodes 10 raw 'df -Pil' df -Pil ;;
        *) slow storage.inodes 10 raw 'df -i' df -i ;;
        esac
    fi
    case $system in
    SunOS) slow storage.types 10 raw 'df -n' df -n ;;
    AIX) slow storage.types 10 raw lsfs lsfs ;;
    esac
    if [ -f /proc/mounts ]; then
        quick storage.mounts cat /proc/mounts
    elif [ "$system" = SunOS ]; then
        slow storage.mounts 10 raw 'mount -v' mount -v
    else
        slow storage.mounts 10 raw mount mount
    fi
    landing storage.source-mount "$PMX_SOURCE"
    landing target.mount_point "$PMX_TARGET"
    [ -z "$PMX_BACKUP" ] || landing backup.mount_point "$PMX_BACKUP"
    landing parts.quarantine.mount_point "$PMX_QUARANTINE"
    landing parts.logs.mount_point "$PMX_LOGS"
    landing parts.database.mount_point "$PMX_DATABASE"
    landing parts.configuration.mount_point "$PMX_CONFIGURATION"
    landing parts.queue.mount_point "$PMX_QUEUE"
}

landing() { slow "$1" 5 raw "df $df $2" land "$2"; }

# A directory that a path does not have yet will be made where the nearest one above it is.
land() { # PATH
    place=$1
    until [ -d "$place/." ] || words=$(ls -d "$place/." 2>&1 >/dev/null); do
        missing "$words" || { echo "refused $words"; return; }
        [ ! -h "$place" ] || { echo "refused $place: a link that leads nowhere"; return; }
        place=${place%/*}
    done
    df "$df" "${place:-/}"
}

missing() { # the words of ls
    case $1 in
    *'No such file'* | *'Not a directory'* | *'not found'* | *'does not exist'*) true ;;
    *) false ;;
    esac
}

# Whether a directory can be looked at; if not, it says `absent`, or `refused` and why: what one may not see is not absent.
usable() { # PATH
    if [ -d "$1/." ] || words=$(ls -d "$1/." 2>&1 >/dev/null); then return 0; fi
    missing "$words" || { echo "refused $words"; return 1; }
    place=$1
    while [ -n "$place" ]; do
        if [ -h "$place" ] && [ ! -e "$place" ]; then
            echo "refused $place: a link that leads nowhere"
            return 1
        fi
        place=${place%/*}
    done
    echo absent
    return 1
}

# The quarantines last: they can be those with millions of files, and must not use up the others' time.
parts() {
    if find / -prune -printf ''; then printf=1; else printf=''; fi >/dev/null 2>&1
    part parts.configuration "$PMX_CONFIGURATION"
    part parts.queue "$PMX_QUEUE"
    part parts.database "$PMX_DATABASE"
    part parts.logs "$PMX_LOGS"
    [ -z "$upgraded" ] || part target.parts.database "$PMX_TARGET/postgres"
    part parts.quarantine "$PMX_QUARANTINE"
    [ -z "$upgraded" ] || part target.parts.quarantine "$PMX_TARGET/var/qdir"
    begin puremessage.manifest manifest 'the sums above, and the newest time where find tells it'
    run true
    finish
}

part() { # PART PATH
    slow "$1.kib" $part_seconds sum "nice du -kx $2/." size "$2"
    slow "$1.files" $part_seconds count "nice find $2/. -xdev -type f" files "$2"
}

# Errors go another way than the rows: du writes these in blocks that end anywhere.
size() { # PATH
    usable "$1" || return 0
    { words=$(nice du -kx "$1/." 2>&1 1>&3 3>&-); } 3>&1
    refusals "$words"
}

files() { # PATH
    usable "$1" || return 0
    if [ -n "$printf" ]; then
        { words=$(nice find "$1/." -xdev -type f -printf '%TY-%Tm-%TdT%TH:%TM:%TS %s\n' 2>&1 1>&3 3>&-); } 3>&1
    else
        { words=$(nice find "$1/." -xdev -type f -exec ls -ln {} + 2>&1 1>&3 3>&-); } 3>&1
    fi
    echo "finished $?"
    refusals "$words"
}

# In a tree that is in use files come and go between two looks; that is no refusal.
refusals() { # WORDS
    [ -n "$1" ] || return 0
    printf '%s\n' "$1" | "$awk" '
        /No such file/ || /does not exist/ { next }
        n++ < 5 { print "refused " $0 }
    '
}

# ---- PureMessage

puremessage() {
    slow source.entries 5 raw "ls -la $PMX_SOURCE/." entries "$PMX_SOURCE"
    reachable=$left
    slow target.entries 5 raw "ls -la $PMX_TARGET/." entries "$PMX_TARGET"
    # nothing in the new tree is looked for before it is there
    upgraded=''
    if [ "$left" -gt 0 ] && populated "$PMX_TARGET"; then upgraded=1; fi
    slow puremessage.pmx-conf 5 raw "allowed keys of $PMX_CONFIGURATION/pmx.conf" \
        allowed "$PMX_CONFIGURATION/pmx.conf" quarantine_dir log_dir run_dir quarantine_type pmx_db mail_sender port
    slow puremessage.database_target 5 raw "allowed keys of $PMX_CONFIGURATION/pmx.d/pmdb.conf" \
        allowed "$PMX_CONFIGURATION/pmx.d/pmdb.conf" type host port dbname database name
    if [ "$left" -gt 0 ]; then database "$PMX_CONFIGURATION/pmx.d/pmdb.conf" puremessage; fi
    if [ -n "$upgraded" ]; then
        slow target.database_target 5 raw "allowed keys of $PMX_TARGET/etc/pmx.d/pmdb.conf" \
            allowed "$PMX_TARGET/etc/pmx.d/pmdb.conf" type host port dbname database name
        if [ "$left" -gt 0 ]; then database "$PMX_TARGET/etc/pmx.d/pmdb.conf" target; fi
    fi
    if [ "$PMX_STATUS" = 1 ] && [ "$reachable" -gt 0 ] && [ -x "$PMX_SOURCE/bin/pmx" ]; then
        slow puremessage.status 10 raw "$PMX_SOURCE/bin/pmx status" product_status
    fi
    slow puremessage.mta 5 raw 'ls of the places of mail transfer agents' mta
    shown puremessage.filter_lines 'filter lines of sendmail.cf, else of sendmail.mc' filters
    slow puremessage.queues 10 raw 'find, messages in the queues of the bundled postfix' queues
    slow puremessage.own_queues 10 raw "find, messages in the queues of the system's postfix and sendmail" own_queues
    if has ss; then
        slow ports.listening 5 raw 'ss -ltn' ss -ltn
    elif has netstat; then
        slow ports.listening 5 raw 'netstat -an, LISTEN' netstat_listening
    fi
    source_pattern="$(printf '%s\n' "$PMX_SOURCE" | sed 's/[][\.*^$(){}?+|]/\\&/g')([^-A-Za-z0-9_]|\$)"
    product_pattern='pmx([^-A-Za-z0-9]|-[^p]|-p[^r]|-?$)'
    slow starters 10 raw 'names and grep -l of init, cron and service files' starters
    if [ -n "$upgraded" ]; then
        target_pattern="$(printf '%s\n' "$PMX_TARGET" | sed 's/[][\.*^$(){}?+|]/\\&/g')([^-A-Za-z0-9_]|\$)"
        slow target.starters 10 raw 'grep -l of init, cron and service files' new_starters
    fi
    slow puremessage.old_paths 10 raw 'grep -c in cron, aliases, scripts and monitors' old_paths
}

# What a fresh file system has makes no tree.
populated() { # PATH
    for name in "$1"/*; do
        case $name in
        */lost+found) ;;
        *) [ ! -e "$name" ] || return 0 ;;
        esac
    done
    return 1
}

entries() { # PATH
    usable "$1" || return 0
    ls -la "$1/."
}

# Only these keys, and of each only a value of the characters that such a value has, which ends at the line's end, a blank, a
# comment or a separator: an address with a password in it, a data source, or a line of a .pgpass is left out.
allowed() { # FILE KEY...
    file=$1
    shift
    [ -f "$file" ] || words=$(ls -d "$file" 2>&1 >/dev/null) || {
        if missing "$words"; then echo absent; else echo "refused $words"; fi
        return 0
    }
    [ -r "$file" ] || { echo "refused $file: may not be read"; return 0; }
    find=''
    rest="[ $tab#;,]"
    few='[0-9A-Fa-f]\{0,4\}'
    for key in "$@"; do
        start="^[ $tab]*${key}[ $tab]*[= $tab:][ $tab]*"
        case $key in
        port) plain='[0-9]' ;;
        *_dir) plain='[A-Za-z0-9_./-]' ;;
        mail_sender) plain='[A-Za-z0-9_.@+-]' ;;
        host)
            plain='[A-Za-z0-9._-]'
            valued '/[A-Za-z0-9_./-]*' # the directory of a socket
            valued "\\($few:\\)\\{7\\}$few" # of IPv6, whole
            valued "\\($few:\\)\\{1,6\\}:\\($few:\\)\\{0,6\\}$few"
            ;;
        *) plain='[A-Za-z0-9_.-]' ;;
        esac
        valued "$plain$plain*"
    done
    sed -n "$find" "$file"
}

valued() { # VALUE: looks for the key with it, bare or quoted, also where more follows
    find="$find
        s|$start\\($1\\)\$|$key = \\1|p
        s|$start\\($1\\)$rest.*|$key = \\1|p
        s|${start}[\"']\\($1\\)[\"']\$|$key = \\1|p
        s|${start}[\"']\\($1\\)[\"']$rest.*|$key = \\1|p"
}

# Where a pmdb.conf says that the database is; who talks to it, of the old tree's alone.
database() { # FILE, and what the names of its facts begin with
    conf=$1
    tree=$2
    [ -r "$conf" ] || return 0
    host=$(first host)
    port=$(first port)
    case $port in
    '' | *[!0-9]*) port=5432 ;;
    esac
    case $host in
    '' | -* | /*) host=localhost ;; # without a name, or with a socket's place, it is here
    esac
    case $host in
    localhost | *:*) ;;
    *[!0-9.]*) look_up "$tree.database_lookup" "$host" ;;
    esac
    if has nc; then
        slow "$tree.database_port" 5 raw "nc -z -w 4 $host $port" answers nc -z -w 4 "$host" "$port"
    elif has ncat; then
        slow "$tree.database_port" 5 raw "ncat -z -w 4 $host $port" answers ncat -z -w 4 "$host" "$port"
    elif client=$(postgres_client); then
        slow "$tree.database_port" 5 raw "pg_isready -t 4 -h $host -p $port" \
            answers "$client" -t 4 -h "$host" -p "$port"
    fi
    if [ "$tree" != puremessage ]; then
        :
    elif has ss; then
        slow puremessage.database_peers 5 raw "ss -tn, rows with port $port" peers ss -tn
    elif has netstat; then
        slow puremessage.database_peers 5 raw "netstat -an, rows with port $port" peers netstat -an
    fi
}

# Packages keep it off the PATH, or put a program in Perl before it.
postgres_client() {
    for client in /usr/lib/postgresql/*/bin/pg_isready /usr/pgsql-*/bin/pg_isready; do
        [ ! -x "$client" ] || { echo "$client"; return; }
    done
    command -v pg_isready
}

first() { # KEY of pmdb.conf
    value=$(allowed "$conf" "$1")
    value=${value%%"$newline"*}
    echo "${value#"$1 = "}"
}

answers() { if "$@" >/dev/null; then echo open; else echo closed; fi; }

peers() { "$@" | sed -n "/LISTEN/d;/[.:]${port}[ $tab]/p"; }

product_status() { "$PMX_SOURCE/bin/pmx" status 2>&1; }

netstat_listening() { netstat -an | sed -n /LISTEN/p; }

mta() {
    [ ! -x "$PMX_SOURCE/postfix/sbin/postqueue" ] || echo bundled-postfix
    [ ! -d "$PMX_SOURCE/sendmail" ] || echo bundled-sendmail
    [ ! -f /etc/postfix/main.cf ] || echo postfix
    if [ -f /etc/mail/sendmail.cf ] || [ -f /etc/sendmail.cf ]; then echo sendmail; fi
    if [ -d /opt/SUNWmsgsr ] || [ -d /opt/sun/comms/messaging ]; then echo jsms; fi
    if [ -d /etc/exim4 ] || [ -d /etc/exim ]; then echo exim; fi
    [ ! -d /var/qmail/control ] || echo qmail
}

filters() {
    for file in /etc/mail/sendmail.cf /etc/sendmail.cf; do
        [ ! -f $file ] || { filter_lines <$file; return; }
    done
    [ ! -f /etc/mail/sendmail.mc ] || filter_lines </etc/mail/sendmail.mc
}

# Of a filter its name and its flag; any other line may begin so, and what it says stays here.
filter_lines() {
    "$awk" '
        /^X[A-Za-z]/ || (/MAIL_FILTER\(/ && !/^[ \t]*(dnl|#)/) {
            name = rest = $0
            sub(/^X/, "", name)
            sub(/^.*MAIL_FILTER\(/, "", name)
            sub(/,.*/, "", name)
            gsub(/[`\047 \t]/, "", name)
            sub(/^[^,]*/, "", rest)
            sub(/dnl.*/, "", rest)
            flag = match(rest, /[ \t,`]F=[A-Za-z]?/) ? substr(rest, RSTART + 3, RLENGTH - 3) : ""
            if (rest ~ /^,/ && name ~ /^[A-Za-z0-9_.-]+$/) print "X" name ", F=" flag
            else print "a line of another form: not read"
        }
    '
}

queues() {
    postfix_queue old "$PMX_QUEUE" "$PMX_QUEUE/etc/main.cf"
    postfix_queue new "$PMX_TARGET/postfix" "$PMX_TARGET/postfix/etc/main.cf"
}

own_queues() {
    [ ! -f /etc/postfix/main.cf ] || postfix_queue postfix /var/spool/postfix /etc/postfix/main.cf
    for file in /etc/mail/sendmail.cf /etc/sendmail.cf; do
        [ ! -f $file ] || { sendmail_queue $file; break; }
    done
}

postfix_queue() { # WORD PLACE main.cf
    place=$2
    if [ -f "$3" ]; then
        [ -r "$3" ] || { echo "refused $3: may not be read"; return 0; }
        if [ -n "$(setting "$3" "multi_instance_directories[ $tab]*=[ $tab]*")" ]; then
            echo "refused $3: several instances, each with a queue of its own"
            return 0
        fi
        place=$(setting "$3" "queue_directory[ $tab]*=[ $tab]*")
        place=${place:-$2}
    fi
    kinds='/(maildrop|incoming|active|deferred|hold)'
    queue "$1" "$place" "$kinds\$" "$kinds/"
}

# A star stands for several directories beside each other; all of them lie below the one that is named before it.
sendmail_queue() { # sendmail.cf
    [ -r "$1" ] || { echo "refused $1: may not be read"; return 0; }
    place=$(setting "$1" "O  *QueueDirectory *= *")
    place=${place:-/var/spool/mqueue}
    case $place in
    *'*'*) place=${place%%'*'*} place=${place%/*} ;;
    esac
    queue sendmail "$place" . "/qf[^/]*\$"
}

# Of several the last one counts, as it does for postfix and sendmail.
setting() { # FILE START
    sed -n "s/^$2//p" "$1" | sed -n "s/[ $tab]*\$//;\$p"
}

# WORD, the messages and the place of a queue; `absent` where no directory is there that makes it one: a queue that was
# not found is not an empty one.
queue() { # WORD PLACE DIRECTORIES MAIL, the last two as patterns of what follows the place
    case $2 in
    [!/]* | *[!-A-Za-z0-9_./]*)
        [ "$2" = "$PMX_QUEUE" ] || [ "$2" = "$PMX_TARGET/postfix" ] || {
            echo 'refused a queue whose configuration names no plain path'
            return 0
        }
        ;;
    esac
    why=$(usable "$2") || {
        case $why in
        absent) printf '%s absent %s\n' "$1" "$2" ;;
        *) printf '%s\n' "$why" ;;
        esac
        return 0
    }
    {
        { words=$(mail_places "$2" 2>&1 1>&3 3>&-); } 3>&1
        refusals "$words"
    } | place=$2 "$awk" '
        BEGIN { place = ENVIRON["place"]; from = length(place) + 2 }
        /^refused / { print; next }
        $0 == "files" { files = 1; next }
        files { if (substr($0, from) ~ mail) n++; next }
        substr($0, from) ~ directories { there = 1 }
        END { print word " " (there ? n + 0 : "absent") " " place }
    ' word="$1" directories="$3" mail="$4" -
}

mail_places() { # PLACE
    nice find "$1/." -xdev -type d -print
    echo files
    nice find "$1/." -xdev -type f -print
}

STARTER_PLACES='/etc/inittab /etc/rc.local /etc/rc.conf /etc/rc.conf.local /etc/init.d/* /etc/rc.d/* /etc/rc?.d/*
    /etc/rc.d/*/* /sbin/init.d/* /etc/init/* /usr/local/etc/rc.d/* /etc/systemd/system/* /etc/systemd/system/*/*
    /run/systemd/system/* /lib/systemd/system/* /usr/lib/systemd/system/* /usr/local/lib/systemd/system/*
    /etc/crontab /etc/anacrontab /etc/cron.*/* /var/spool/cron/* /var/spool/cron/*/* /var/cron/tabs/*
    /var/svc/manifest/*/* /lib/svc/manifest/*/* /etc/xinetd.d/*'
NAMING_PLACES='/etc/crontab /etc/anacrontab /etc/cron.*/* /var/spool/cron/* /var/spool/cron/*/* /var/cron/tabs/*
    /etc/aliases /etc/mail/* /etc/postfix/* /etc/logrotate.d/* /etc/newsyslog.conf /etc/logadm.conf /etc/syslog.conf
    /etc/rsyslog.conf /etc/rsyslog.d/* /etc/sudoers /etc/sudoers.d/* /etc/profile /etc/profile.d/* /etc/snmp/*
    /etc/nagios/* /etc/nagios/*/* /etc/nrpe.cfg /etc/nrpe.d/* /etc/zabbix/* /etc/zabbix/*/* /etc/monit/* /etc/monit.d/*
    /etc/check_mk/* /usr/local/bin/* /usr/local/sbin/* /usr/local/etc/* /usr/local/nagios/etc/*
    /etc/rc.local /etc/init.d/* /etc/rc.d/* /etc/fstab /etc/vfstab /etc/exports /etc/ld.so.conf /etc/ld.so.conf.d/*'

starters() { each "$STARTER_PLACES" starting | sort -u; }

new_starters() { each "$STARTER_PLACES" starting_new | sort -u; }

old_paths() {
    each "$NAMING_PLACES" naming |
        "$awk" -F: '
            /^refused / { print; next }
            $NF > 0 { print $NF " " substr($0, 1, length($0) - length($NF) - 1) }
        '
}

# Hands the regular files of places to a function, two hundred at a time because old systems take few arguments, and says
# which of them, or which directories, this user may not read.
each() { # PLACES FUNCTION
    places=$1
    work=$2
    set -f
    for place in $places; do
        set +f
        for directory in ${place%/*}; do
            [ ! -d "$directory" ] || { [ -r "$directory" ] && [ -x "$directory" ]; } ||
                echo "refused $directory: may not be listed"
        done
        set -f
    done
    set +f
    set --
    for file in $places; do
        case $file in
        /lib/*) [ ! -h /lib ] || continue ;; # it is /usr/lib, which is looked through as well
        esac
        [ -f "$file" ] || continue
        [ -r "$file" ] || { echo "refused $file: may not be read"; continue; }
        set -- "$@" "$file"
        [ $# -lt 200 ] || { $work "$@"; set --; }
    done
    [ $# -eq 0 ] || $work "$@"
}

starting() { # FILE...
    grep -E -l "(^|[^A-Za-z])$product_pattern|$source_pattern" "$@"
    for file in "$@"; do
        case /${file##*/} in
        *[!A-Za-z]pmx | *[!A-Za-z]pmx- | *[!A-Za-z]pmx[!-A-Za-z0-9]* | *[!A-Za-z]pmx-[!p]* | *[!A-Za-z]pmx-p[!r]*)
            printf '%s\n' "$file"
            ;;
        esac
    done
}

starting_new() { grep -E -l "$target_pattern" "$@"; } # FILE...

# What is larger than 2 MiB is a program, not a script or a table.
naming() { find "$@" -follow -prune -size -4096 -exec grep -E -c "$source_pattern" /dev/null {} +; }

main
}
