package attack_test

import (
	"strings"
	"syscall"
	"testing"

	"fieldgate/internal/blob"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/doctor"
	"fieldgate/internal/storage"
	"fieldgate/migrations"
	"fieldgate/web/apptest"
)

func customersSee(r doctor.Report) string {
	var lines []string
	for _, f := range r.Findings {
		if f.Check == "What customers see" {
			lines = append(lines, f.String())
		}
	}
	return strings.Join(lines, "\n")
}

// A view that shows more than the rule allows is found, whichever it is, and
// one that shows less, too. The comparison knows nothing of the views' text.
func TestLeaksAreFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ view, from, to, says string }{
		{"", "", "", "ok"},
		{"messages", "NOT m.staff_only", "true", "messages that the rule does not allow"},
		{"attachments", "a.customer_view", "true", "files that the rule does not allow"},
		{"attachments", "a.removed_at IS NULL", "true", "files that the rule does not allow"},
		{"jobs", "( SELECT portal.all_jobs() AS all_jobs)", "'on'::text", "jobs that the rule does not allow"},
		{"seen_jobs", "portal.all_jobs()", "'on'::text", "that the rule does not allow"},
		{"seen_quotes", "portal.quotes_customer()", "q.customer_id", "that the rule does not allow"},
		{"jobs", "j.customer_id = portal.jobs_customer()", "portal.jobs_customer() is not null", "jobs that the rule does not allow"},
		{"equipment", "e.customer_id = portal.equipment_customer()", "portal.equipment_customer() is not null", "equipment that the rule does not allow"},
		{"viewer", "c.access = 'active'::text", "true", "that the rule does not allow"},
		{"tasks", "portal.shows_tasks()", "true", "tasks that the rule does not allow"},
		{"jobs", "portal.shows_admin()", "true", "jobs that the rule does not allow"},
		{"quotes", "q.origin = 'portal'::text", "true", "quotes that the rule does not allow"},
		{"sites", "s.customer_id = portal.customer_id()", "s.customer_id = portal.customer_id() and s.id % 2 = 0", "sites that the rule allows"},
	} {
		t.Run(tt.view+" "+tt.to, func(t *testing.T) {
			t.Parallel()
			app := apptest.New(t)
			app.Exec(`update jobs set invoice_number = 'INV-' || id; insert into tasks (customer_id, job_id, subject) select customer_id, id, 'x' from jobs; update portal_settings set hide_tasks = true, hide_admin_details = true;
				insert into messages (customer_id, job_id, text, staff_id, staff_only) select customer_id, id, 'x', 1, true from jobs;
				insert into quotes (customer_id, name, description, currency, status, origin) select id, 'x', 'x', 'AUD', 'draft', 'office' from customers;
				insert into attachments (customer_id, job_id, name, kind, media_type, size, blob_key, uploaded_by_staff_id, customer_view, removed_at)
					select customer_id, id, 'x', 'document', 'text/plain', 1, 'x', 1, removed, case when removed then now() end from jobs, unnest(array[true, false]) removed`)
			if tt.view != "" {
				owner := dbtest.Owner(t, app.Pool)
				var text string
				if err := owner.QueryRow(t.Context(), `select pg_get_viewdef(($1 || '.' || $2)::regclass)`, migrations.PortalSchema(), tt.view).Scan(&text); err != nil {
					t.Fatal(err)
				}
				changed := strings.ReplaceAll(text, migrations.InPortal(tt.from), migrations.InPortal(tt.to))
				if changed == text {
					t.Fatalf("the view does not say %q:\n%s", tt.from, text)
				}
				if _, err := owner.Exec(t.Context(), migrations.InPortal(`create or replace view portal.`)+tt.view+` as `+changed); err != nil {
					t.Fatal(err)
				}
			}
			got := customersSee(doctor.New(doctor.Installation{Pool: app.Pool}).FullCheck(t.Context()))
			if !strings.Contains(got, tt.says) || (tt.view == "") != strings.HasPrefix(got, "ok") {
				t.Errorf("want %q:\n%s", tt.says, got)
			}
		})
	}
}

// The portal's role reads views and nothing else.
func TestReadableTablesAreFound(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	if _, err := dbtest.Owner(t, app.Pool).Exec(t.Context(), `do $$ begin execute format('grant select on jobs to %I', '`+app.Pool.Config().ConnConfig.User+`_portal'); end $$`); err != nil {
		t.Fatal(err)
	}
	if got := customersSee(doctor.New(doctor.Installation{Pool: app.Pool}).FullCheck(t.Context())); !strings.Contains(got, "may read tables: jobs") {
		t.Errorf("%s", got)
	}
}

// What is wrong with the installation is for Administrators; that storage does
// not take files is for everybody in the office.
func TestNoticesOnTheHome(t *testing.T) {
	t.Parallel()
	app := apptest.New(t)
	ada, ben := app.As("ada"), app.As("ben")
	if got := ada.Get("/office").Text(".notice"); got != "" {
		t.Errorf("all is well, and the home says %q", got)
	}
	// The email's job is for tomorrow: without one, the program would find and send it.
	app.Exec(`insert into unnamed_proxies (address) values ('10.0.0.7');
		with stuck as (insert into emails (kind, rule, to_address, message_id, created_at) values ('welcome', 'x', 'a@demo.test', 'stuck', now() - interval '3 hours') returning id)
			insert into river_job (kind, args, state, max_attempts, scheduled_at) select 'deliver_email', jsonb_build_object('email', id), 'scheduled', 25, now() + interval '1 day' from stuck;
		update attachments set state = 'broken', broken_because = 'We tried for two days to prepare this photo, and could not.' where id = 1`)
	home := ada.Get("/office").Text("main")
	for _, want := range []string{"10.0.0.7", "1 email waits to go out", "1 photo sent in the last days could not be prepared"} {
		if !strings.Contains(home, want) {
			t.Errorf("Ada's home does not say %q", want)
		}
	}
	if got := ben.Get("/office").Text(".notice"); got != "" {
		t.Errorf("Ben is told %q", got)
	}
	for who, want := range map[string]int{"ada": 200, "ben": 403} {
		if got := app.As(who).Get("/office/admin/health").Status; got != want {
			t.Errorf("%s: %d", who, got)
		}
	}
	page := ada.Post("/office/admin/health", nil)
	if page.Status != 200 || !strings.Contains(page.Text("main"), "contacts of different rights see what they may") || !strings.Contains(page.Text("main"), "takes mail") {
		t.Errorf("%d %s", page.Status, page.Text("main"))
	}
	if got := ada.Get("/office/admin/health").Text("main"); !strings.Contains(got, "Last full check") || !strings.Contains(got, "takes mail") {
		t.Errorf("afterwards: %s", got)
	}
	if got := ben.Post("/office/admin/health", nil).Status; got != 403 {
		t.Errorf("Ben looks: %d", got)
	}
	app.BreakDisk(blob.Trouble{Kind: blob.Full, Err: syscall.ENOSPC})
	_ = app.Store.Put(t.Context(), blob.NewKey(), strings.NewReader("x"), 1, "text/plain")
	if got := ben.Get("/office").Text(".notice"); !strings.Contains(got, string(storage.Files)[1:]) {
		t.Errorf("while storage is full Ben is told %q", got)
	}
}
