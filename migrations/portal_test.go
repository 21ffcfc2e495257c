package migrations_test

import (
	"strings"
	"testing"

	"fieldgate/migrations"
)

// TestInPortal: what names the schema gets its own name, and nothing else is touched.
func TestInPortal(t *testing.T) {
	t.Parallel()
	for sql, want := range map[string]string{
		`select 1`:    `select 1`,
		`portal.jobs`: `P.jobs`,
		`select * from portal.jobs j, (portal.sites) where portal.today() > 1;`: `select * from P.jobs j, (P.sites) where P.today() > 1;`,
		"create schema portal;\ndrop schema portal cascade":                     "create schema P;\ndrop schema P cascade",
		`current_setting('portal.as_contact', true)`:                            `current_setting('portal.as_contact', true)`,
		`origin = 'portal'; select portal_settings.x, my_portal.x, reportal.x`:  `origin = 'portal'; select portal_settings.x, my_portal.x, reportal.x`,
		`set_config('portal.' || key, '') from portal.sight`:                    `set_config('portal.' || key, '') from P.sight`,
	} {
		if got := strings.ReplaceAll(migrations.InPortal(sql), migrations.PortalSchema(), "P"); got != want {
			t.Errorf("%s: %s", sql, got)
		}
	}
}

func BenchmarkInPortal(b *testing.B) {
	sql := `select j.id, j.number, coalesce(s.name, '') as site, exists (select from portal.attachments a where a.job_id = j.id) from portal.jobs j left join portal.sites s on s.id = j.site_id where j.status = any(@statuses) order by j.id limit 26`
	for b.Loop() {
		migrations.InPortal(sql)
	}
}
