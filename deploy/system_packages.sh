#!/bin/sh
# system_packages.sh PACKAGE...: installs those of rabbitmq-server, postgresql, nginx and chromium that are not here;
# where that is not allowed, says exactly what to install or which KITAPHANA_* variable to set.
set -eu
cd "$(dirname "$0")/.."

present() {
    for place in "$@"; do
        case $place in
        /*) [ -x "$place" ] && return 0 ;;
        *) command -v "$place" >/dev/null 2>&1 && return 0 ;;
        esac
    done
    return 1
}

is_here() {
    case $1 in
    rabbitmq-server) present /usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server ;;
    postgresql) present /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres postgres ;;
    nginx) present "${KITAPHANA_NGINX:-nginx}" /usr/sbin/nginx ;;
    chromium) present "${KITAPHANA_CHROMIUM:-chromium}" chromium-browser google-chrome ;;
    esac
}

missing() {
    for package in "$@"; do
        is_here "$package" || echo "$package"
    done
}

wanted=$(missing "$@")
[ -z "$wanted" ] && exit 0
# shellcheck disable=SC2086 -- one word a package
sh deploy/install.sh $wanted || true
wanted=$(missing "$@")
[ -z "$wanted" ] && exit 0

status=0
for package in $wanted; do
    case $package in
    rabbitmq-server) variable=KITAPHANA_BROKER_URL what="a running RabbitMQ, amqp://user:password@host:port/vhost" ;;
    postgresql) variable=KITAPHANA_DATABASE_URL what="a running PostgreSQL, postgresql+psycopg://user:password@host/db" ;;
    nginx) variable=KITAPHANA_NGINX what="the nginx program" ;;
    chromium) variable=KITAPHANA_CHROMIUM what="a Chromium or Chrome program" ;;
    esac
    eval "value=\${$variable:-}"
    if [ -z "$value" ] || [ "$package" = nginx ] || [ "$package" = chromium ]; then
        echo "$package is missing: install the system package $package, or set $variable to $what." >&2
        status=1
    fi
done
exit $status
