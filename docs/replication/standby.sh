#!/bin/sh
# A second database machine: PostgreSQL's own streaming replication.
# docs/operating.md says when to run which of these. As the user postgres:
#
#   standby.sh primary NAME ADDRESS   on the primary: let the standby NAME at ADDRESS copy and follow
#   standby.sh copy NAME HOST         on the standby, stopped and empty: copy the primary at HOST, to follow it
#   standby.sh synchronous NAMES      on the primary: a commit waits for the standby; 'ANY 1 (a, b)' for one of two
#   standby.sh alone                  on the primary: it waits for nobody, as while the standby is away
#   standby.sh promote                on the standby: it becomes the primary
#   standby.sh status                 on either
#
# PGDATA, PGHOST, PGPORT and PGUSER say which server, as for PostgreSQL's own
# programs; on Debian only PGDATA is needed. STANDBY_PASSWORD is the password of
# the role that follows; without it the server is asked for none.
set -eu

role=fieldgate_standby

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d postgres "$@"; }
fail() { echo "standby.sh: $*" >&2; exit 1; }
usage() { sed -n '2,/^set -eu/{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2; }
# Names of standbys are names of slots, too.
named() { case $1 in '' | *[!a-z0-9_]*) fail "a standby's name has small letters, digits and _ only" ;; esac; }

primary() {
	named "$1"
	[ "$(sql -c 'select pg_is_in_recovery()')" = f ] || fail "this server follows another"
	STANDBY_PASSWORD=${STANDBY_PASSWORD:-} sql -v role="$role" -v name="$1" <<-'SQL'
		\getenv password STANDBY_PASSWORD
		select format('create role %I login replication', :'role') where not exists (select from pg_roles where rolname = :'role') \gexec
		select format('alter role %I password %L', :'role', :'password') where :'password' <> '' \gexec
		select from pg_create_physical_replication_slot(:'name', true) where not exists (select from pg_replication_slots where slot_name = :'name');
		-- What the standby has not fetched is kept for it, and not until the disk is full.
		alter system set max_slot_wal_keep_size = '10GB';
	SQL
	case $2 in
	/*) ;; # a socket: this machine
	*)
		hba=$(sql -c 'show hba_file')
		case $2 in
		*/*) from=$2 ;; # a network
		*:*) from=$2/128 ;;
		*[!0-9.]*) from=$2 ;; # a name
		*) from=$2/32 ;;
		esac
		line="hostssl replication $role $from scram-sha-256"
		grep -qxF "$line" "$hba" || echo "$line" >>"$hba"
		[ "$(sql -c 'show listen_addresses')" != localhost ] || sql -c "alter system set listen_addresses = '*'"
		;;
	esac
	sql -c 'select from pg_reload_conf()'
	[ "$(sql -c 'select count(*) from pg_settings where pending_restart')" = 0 ] || echo "Restart this server: some settings take effect then."
}

copy() {
	named "$1"
	[ -n "${PGDATA:-}" ] || fail "PGDATA has to name the folder of the data"
	[ -z "$(ls -A "$PGDATA" 2>/dev/null)" ] || fail "$PGDATA is not empty: stop the server and move what is there aside"
	PGPASSWORD=${STANDBY_PASSWORD:-} pg_basebackup --pgdata="$PGDATA" --checkpoint=fast --wal-method=stream --write-recovery-conf --slot="$1" \
		--dbname="host=$2 port=${PGPORT:-5432} user=$role application_name=$1 connect_timeout=5"
	# Once promoted it has no standby yet, so it must wait for none. Queries of exports are let end.
	cat >>"$PGDATA/postgresql.auto.conf" <<-'CONF'
		synchronous_standby_names = ''
		hot_standby_feedback = 'on'
		wal_receiver_timeout = '10s'
	CONF
}

synchronous() {
	for name in $(echo "$1" | sed 's/^ANY [0-9]* *//; s/[(),]/ /g'); do
		named "$name"
		[ "$(sql -v name="$name" <<-'SQL'
			select count(*) from pg_stat_replication where application_name = :'name' and state = 'streaming'
		SQL
		)" != 0 ] || fail "the standby $name does not follow yet: every commit would wait for it"
	done
	sql -v names="$1" <<-'SQL'
		alter system set synchronous_standby_names = :'names';
		alter system set synchronous_commit = 'on';
		select from pg_reload_conf();
	SQL
}

alone() { sql -c "alter system set synchronous_standby_names = ''" -c 'select from pg_reload_conf()'; }

promote() {
	[ "$(sql -c 'select pg_is_in_recovery()')" = t ] || fail "this server is the primary already"
	[ "$(sql -c "select count(*) from pg_stat_wal_receiver where status = 'streaming' and last_msg_receipt_time > now() - interval '15 seconds'")" = 0 ] ||
		fail "the primary still sends: stop it first, and see that it does not start again"
	sql -c 'select pg_promote(true, 60)' | grep -qx t || fail "it was not promoted within a minute; its log says why"
	echo "This server is the primary now. Keep the former one from starting until it is a standby itself."
}

status() {
	if [ "$(sql -c 'select pg_is_in_recovery()')" = t ]; then
		sql -c "select format('Standby. Follows: %s. Replayed all it has received: %s.', coalesce((select status from pg_stat_wal_receiver), 'nobody'), pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn())"
		return
	fi
	sql -c "select format('Primary. Commits wait for: %s.', coalesce(nullif(current_setting('synchronous_standby_names'), ''), 'nobody'))" \
		-c "select format('Standby %s: %s, %s, %s bytes behind.', application_name, state, sync_state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)) from pg_stat_replication order by application_name"
}

case "${1:-}-$#" in
primary-3 | copy-3 | synchronous-2 | alone-1 | promote-1 | status-1) "$@" ;;
*) usage ;;
esac
