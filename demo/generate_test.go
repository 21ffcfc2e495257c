package demo

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/password"
)

// small is a business that a test waits for.
var small = Size{Customers: 40, Jobs: 1200, Seed: 7}

func generateOnce(t *testing.T, now time.Time, size Size) *pgxpool.Pool {
	t.Helper()
	pool := dbtest.Owner(t, dbtest.New(t))
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	before := schema(t, pool)
	if err := (filler{pool, store, password.NewHasher(), slog.New(slog.DiscardHandler), 64}).generate(t.Context(), size, now); err != nil {
		t.Fatal(err)
	}
	if after := schema(t, pool); !slices.Equal(before, after) {
		t.Error("the schema is another one than before")
	}
	return pool
}

// schema is what looks after rows: indexes, constraints, triggers.
func schema(t *testing.T, pool *pgxpool.Pool) []string {
	t.Helper()
	return column(t, pool, `
		select indexdef || ' ' || indisvalid from pg_indexes join pg_index on indexrelid = format('%I.%I', schemaname, indexname)::regclass where schemaname = 'public'
		union all select conrelid::regclass || conname || pg_get_constraintdef(oid) || convalidated from pg_constraint where connamespace = 'public'::regnamespace
		union all select tgrelid::regclass || tgname || tgenabled::text from pg_trigger where not tgisinternal
		order by 1`)
}

func column(t *testing.T, pool *pgxpool.Pool, sql string) []string {
	t.Helper()
	rows, err := pool.Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	now := time.Now()
	pool := generateOnce(t, now, small)
	for sql, want := range map[string]int{
		"customers": 40, "jobs": 1200, "quotes": 240, "attachments": 2400,
		"installation where not demo":  1,
		"jobs where customer_id = 1":   -60,
		"quotes where customer_id = 1": -8, "quotes where customer_id = 1 and status = 'sent'": -1,
		"sites where customer_id = 1":                                     4,
		"jobs where main_contact_id = 2":                                  -1,
		"jobs where search @@ search_query('" + CommonWord + "')":         -50,
		"jobs where customer_id = 1 and search @@ search_query('possum')": 1,
		"(select from jobs group by status) s":                            8,
		"(select from quotes group by status) s":                          6,
		"(select from contacts group by access) a":                        4,
		"contacts where not all_sites and access = 'active'":              -1,
		"messages": -20, "emails": -500, "audit_entries": -500, "acceptances": -50, "time_entries": -800, "tasks": -500,
		// Nothing is of tomorrow, and nothing goes back in time.
		"jobs where greatest(created_at, updated_at, completed_at, looked_at) > now()":                                                                                      0,
		"jobs where completed_at < created_at or updated_at < created_at":                                                                                                   0,
		"(select at - lag(at) over (partition by job_id order by id) d from job_statuses) s where d < interval '0'":                                                         0,
		"jobs j where status <> (select status from job_statuses where job_id = j.id order by at desc, id desc limit 1)":                                                    0,
		"jobs j where created_at < (select created_at from customers where id = j.customer_id)":                                                                             0,
		"jobs where status = 'booked' and booked_from < now() - interval '1 day'":                                                                                           0,
		"quotes where status = 'accepted' and has_job <> exists (select from jobs where quote_id = quotes.id)":                                                              0,
		"quotes where created_at > now() or updated_at > now()":                                                                                                             0,
		"acceptances a join quote_versions v on v.id = a.version_id join quotes q on q.id = v.quote_id where q.status <> a.decision":                                        0,
		"quotes q where status in ('accepted', 'declined') and not exists (select from acceptances a join quote_versions v on v.id = a.version_id where v.quote_id = q.id)": 0,
		"quote_lines where line_total <> round(quantity * unit_price)":                                                                                                      0,
		"quote_versions v where net <> (select sum(line_total) from quote_lines where version_id = v.id)":                                                                   0,
		"pg_stat_user_tables where relname = 'jobs' and last_analyze is not null":                                                                                           1,
	} {
		var n int
		if err := pool.QueryRow(t.Context(), "select count(*) from "+sql).Scan(&n); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if n != want && (want >= 0 || n < -want) {
			t.Errorf("%s: %d, want %d", sql, n, want)
		}
	}
	for _, at := range column(t, pool, "select string_agg(status, '>' order by at, id) from job_statuses group by job_id") {
		from := ""
		for to := range strings.SplitSeq(at, ">") {
			if !slices.Contains(ways[from], to) {
				t.Errorf("a job went from %q to %q: %s", from, to, at)
			}
			from = to
		}
	}
	t.Run("what triggers fill", func(t *testing.T) { asTriggersHaveIt(t, pool) })
	t.Run("numbers go on", func(t *testing.T) {
		for sequence, want := range map[string]int64{"customer_numbers": 1041, "job_numbers": 2201, "quote_numbers": 1241, "jobs_id_seq": 1201, "attachments_id_seq": 2401} {
			var n int64
			if err := pool.QueryRow(t.Context(), "select nextval($1::regclass)", sequence).Scan(&n); err != nil || n != want {
				t.Errorf("%s goes on with %d, want %d: %v", sequence, n, want, err)
			}
		}
	})
	t.Run("again", func(t *testing.T) {
		if err := Generate(t.Context(), pool, nil, password.NewHasher(), small, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrHasCustomers) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the same again", func(t *testing.T) {
		of := func(pool *pgxpool.Pool) (all []string) {
			for _, table := range bulkTables {
				all = append(all, column(t, pool, `select '`+table+` ' || coalesce(md5(string_agg((to_jsonb(t) - '{password_hash,blob_key,web_key,thumb_key}'::text[])::text, ',' order by to_jsonb(t)::text)), '') from `+table+` t`)...)
			}
			return all
		}
		// The order of what differs must not count: keys of files are left out of it, too.
		a, b := of(pool), of(generateOnce(t, now, small))
		for i := range a {
			if a[i] != b[i] && !strings.HasPrefix(a[i], "attachments") && !strings.HasPrefix(a[i], "persons") {
				t.Errorf("%s, then %s", a[i], b[i])
			}
		}
	})
}

func TestSeedsDiffer(t *testing.T) {
	t.Parallel()
	catalogue, err := readCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	made := func(seed uint64) (all string) {
		g := &generator{Size: Size{Customers: LeastCustomers, Jobs: LeastJobs, Seed: seed}, catalogue: catalogue, zone: time.UTC}
		g.plan(time.Now())
		for i := range g.Jobs {
			j := g.job(i)
			all += j.status + j.story.name
		}
		return all
	}
	if first, again := made(1), made(1); first != again || first == made(2) {
		t.Error("a seed does not say what is made up")
	}
}

// unread are as many as there are, too: what is kept too long is no news.
const unread = "union all select 'unread', contact_id, string_agg(concat_ws(' ', message_id, job_id, quote_id, at, about_contact_id, about_site_id), ', ' order by message_id) from unread_messages where at > now() - interval '180 days' group by contact_id "

// asTriggersHaveIt has the triggers do their work again and compares.
func asTriggersHaveIt(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.WithoutCancel(t.Context()))
	for _, sql := range []string{
		"create temp table was as select 'jobs' what, id, concat_ws(' ', search::text, file_words::text, status_at) from jobs union all select 'quotes', id, concat_ws(' ', search::text, portal_search::text, asked_or_sent_at) from quotes union all select 'customers', id, search::text from customers " +
			"union all select 'contacts', id, search::text from contacts union all select 'equipment', id, search::text from equipment " +
			"union all select 'messages', id, concat_ws(' ', newest, unanswered, about_contact_id, about_site_id, conversation_words::text) from messages " + unread + "union all select 'stored_files', customer_id, bytes::text from stored_files where bytes > 0 " +
			"union all select 'attachments', id, concat_ws(' ', about_contact_id, about_site_id) from attachments",
		"update jobs set search = '', status_at = null", "update job_statuses set at = at", "update quotes set search = '', created_at = created_at", "update contacts set search = ''", "update customers set search = ''", "update equipment set search = ''",
		"truncate stored_files", "update attachments set about_contact_id = null, about_site_id = null", "create temp table files as select * from attachments", "delete from attachments",
		"update stored_files set bytes = 0",
		"do $$ declare f files; begin for f in select * from files order by id loop insert into attachments overriding system value select (f).*; end loop; end $$",
		"create temp table talk as select id, public_id, customer_id, job_id, quote_id, staff_only, text, staff_id, contact_id, at from messages order by at, id",
		"create temp table opened as select * from message_reads", "delete from message_reads", "delete from messages",
		"insert into messages (id, public_id, customer_id, job_id, quote_id, staff_only, text, staff_id, contact_id, at) overriding system value select * from talk order by at, id",
		"insert into message_reads select * from opened",
	} {
		if _, err := tx.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	rows, err := tx.Query(t.Context(), `
		select 'jobs' what, id, concat_ws(' ', search::text, file_words::text, status_at) from jobs union all select 'quotes', id, concat_ws(' ', search::text, portal_search::text, asked_or_sent_at) from quotes union all select 'customers', id, search::text from customers
		union all select 'contacts', id, search::text from contacts union all select 'equipment', id, search::text from equipment
		union all select 'messages', id, concat_ws(' ', newest, unanswered, about_contact_id, about_site_id, conversation_words::text) from messages `+unread+`union all select 'stored_files', customer_id, bytes::text from stored_files where bytes > 0
		union all select 'attachments', id, concat_ws(' ', about_contact_id, about_site_id) from attachments
		except select * from was limit 5`)
	if err != nil {
		t.Fatal(err)
	}
	type differs struct {
		What string
		ID   int64
		Is   string
	}
	other, err := pgx.CollectRows(rows, pgx.RowToStructByPos[differs])
	if err != nil || len(other) > 0 {
		t.Errorf("triggers have it otherwise: %v %v", other, err)
	}
}

func TestGenerateRefuses(t *testing.T) {
	t.Parallel()
	pool := dbtest.Owner(t, dbtest.New(t))
	if err := Generate(t.Context(), pool, nil, nil, Size{Customers: 5, Jobs: 5}, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrTooSmall) {
		t.Errorf("got %v", err)
	}
	// What is broken off leaves nothing behind.
	store, err := blob.New("file://" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	before := schema(t, pool)
	if _, err := pool.Exec(t.Context(), "alter table emails add constraint none check (false)"); err != nil {
		t.Fatal(err)
	}
	if err := (filler{pool, store, password.NewHasher(), slog.New(slog.DiscardHandler), 64}).generate(t.Context(), Size{Customers: LeastCustomers, Jobs: LeastJobs}, time.Now()); err == nil {
		t.Error("it says that all is well")
	}
	if _, err := pool.Exec(t.Context(), "alter table emails drop constraint none"); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, schema(t, pool)) {
		t.Error("the schema is another one than before")
	}
	if got := column(t, pool, "select name from customers union all select name from staff"); len(got) > 0 {
		t.Errorf("left behind: %q", got)
	}
	for info, err := range store.List(t.Context()) {
		t.Errorf("left behind: %s, %v", info.Key, err)
	}
}
