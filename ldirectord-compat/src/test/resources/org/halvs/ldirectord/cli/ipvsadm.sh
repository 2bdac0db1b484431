#!/bin/sh
# Keeps a table in two files beside itself: services, and servers as "service address:port method weight". Knows what ldirectord asks for.
cd "$(dirname "$0")" || exit 1
touch services servers

one() {
    command=$1 service=$3
    shift 3
    echo "$command" >>commands
    server='' method='' weight=0
    while [ $# -gt 0 ]; do
        case "$1" in
            -r) server=$2; shift ;;
            -w) weight=$2; shift ;;
            -g) method=Route ;;
            -m) method=Masq ;;
            -i) method=Tunnel ;;
        esac
        shift
    done
    case "$command" in
        -A) echo "$service" >>services ;;
        -D) grep -vx "$service" services >new; mv new services; grep -v "^$service " servers >new; mv new servers ;;
        -a) echo "$service $server $method $weight" >>servers ;;
        -e) grep -v "^$service $server " servers >new; mv new servers; echo "$service $server $method $weight" >>servers ;;
        -d) grep -v "^$service $server " servers >new; mv new servers ;;
    esac
}

exec 9>lock
flock 9
case "$1" in
    -L)
        printf 'IP Virtual Server version 1.2.1 (size=4096)\nProt\n  -> RemoteAddress:Port\n'
        while read -r service; do
            [ "$3" = --thresholds ] && echo "TCP  $service" || echo "TCP  $service wrr"
            awk -v s="$service" -v limits="$3" '$1 == s { print "  -> " $2, limits ? "0 0" : $3 " " $4, "0 0" }' servers
        done <services
        ;;
    --restore)
        echo restore >>commands
        while read -r line; do one $line; done
        ;;
    *) one "$@" ;;
esac
exit 0
