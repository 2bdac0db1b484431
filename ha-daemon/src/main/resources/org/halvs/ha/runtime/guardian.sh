#!/bin/sh
# Waits for the end of the HALVS daemon that has the other end of its standard input. When the daemon ends without a
# goodbye (kill -9, out of memory, a crash), takes its floating addresses off this host: another node has them by then.
# Does what "halvs cleanup" does, in milliseconds. $1: the run directory, which has the journal of addresses.
journal=$1/addresses
trap '' TERM HUP INT QUIT # whoever ends the daemon's process group or unit must not end this first

while read -r word; do
    [ "$word" = goodbye ] && exit 0
done

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin
export PATH
grep -qs '^[^#]' "$journal" || exit 0

# A line of the journal: ADDRESS/BITS dev DEVICE [brd ADDRESS] [label LABEL] [lo LABEL|-]
# The kernel takes the other addresses of a network along with its first one, also those that are not ours, unless it is
# told to promote them.
changed=
for device in $(sed -n 's/^[^# ]* dev \([^ ]*\).*/\1/p' "$journal" | uniq); do
    setting=/proc/sys/net/ipv4/conf/$device/promote_secondaries
    # These files have one byte a read, so the line seems to have no end.
    before=
    [ -r "$setting" ] && read -r before <"$setting"
    [ "$before" = 0 ] && echo 1 2>/dev/null >"$setting" && changed="$changed $setting"
done
{
    # A route that prefers one of the addresses as source would go with it.
    for family in -4 -6; do
        ip "$family" route show 2>/dev/null | sed -n '/ via .* src /{s/ \(linkdown\|dead\|pervasive\)//g;p}' |
            while read -r route; do
                source=${route##* src }
                source=${source%% *}
                grep -q "^$source/" "$journal" && echo "route replace ${route% src *}${route##* src "$source"}"
            done
    done
    # The last one first: what comes behind the first address of a network need not be promoted.
    sed -n -e '/^#/d' -e 's/^\([^ ]*\) dev \([^ ]*\).*/address del \1 dev \2/p' "$journal" | sed '1!G;h;$!d'
    # What a real server keeps on its loopback comes back.
    sed -n -e '/^#/d' -e '/:.*\/.* dev /d' -e 's/^\([^ ]*\)\/.* lo -$/address add \1\/32 dev lo/p' \
        -e 's/^\([^ ]*\)\/.* lo \(.*\)$/address add \1\/32 dev lo label \2/p' "$journal"
} | ip -force -batch - 2>/dev/null
nft delete table inet halvs 2>/dev/null
nft delete table inet halvs_local 2>/dev/null
nft delete table ip halvs_local 2>/dev/null && {
    ip -4 rule del priority 127 table 127080 2>/dev/null
    ip -4 route flush table 127080 2>/dev/null
}
nft delete table inet halvs_portblock 2>/dev/null
nft delete table arp halvs_handover 2>/dev/null
nft delete table inet halvs_handover 2>/dev/null
nft delete table netdev halvs_adopted 2>/dev/null
for setting in $changed; do
    echo 0 2>/dev/null >"$setting"
done

count=$(grep -c '^[^#]' "$journal")
first=$(sed -n '/^[^#]/{s/ .*//p;q}' "$journal")
echo "halvs guardian: the daemon has died without a goodbye; its addresses are off this host: $first$([ "$count" -gt 1 ] && echo " and $((count - 1)) more")" >&2
exit 0
