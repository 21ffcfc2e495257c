package settings_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/dbtest"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

var ada = audit.Actor{Staff: 1, Name: "Ada"}

func TestSettings(t *testing.T) {
	t.Parallel()
	ctx, db := context.Background(), dbtest.New(t)
	if _, err := db.Exec(ctx, `insert into job_types (name) values ('Maintenance'), ('Installation')`); err != nil {
		t.Fatal(err)
	}
	edit := func(version int64, s settings.Settings, types ...settings.JobType) error {
		return postgres.Transact(ctx, db, func(tx postgres.Tx) error { return settings.Edit(ctx, tx, ada, version, s, types) })
	}
	for _, tt := range []struct {
		field    string
		settings settings.Settings
		types    []settings.JobType
	}{
		{"contact_notifications", settings.Settings{AgeLimit: settings.Off, ContactNotifications: []string{"a@b.test", "nobody"}}, nil},
		{"message_notifications", settings.Settings{AgeLimit: settings.Off, MessageNotifications: []string{"@b.test"}}, nil},
		{"age_limit", settings.Settings{AgeLimit: "sometimes"}, nil},
		{"age_limit_months", settings.Settings{AgeLimit: settings.Months}, nil},
		{"age_limit_months", settings.Settings{AgeLimit: settings.Months, AgeLimitMonths: 601}, nil},
		{"age_limit_since", settings.Settings{AgeLimit: settings.Since}, nil},
		{"job_type_1", settings.Settings{AgeLimit: settings.Off}, []settings.JobType{{ID: 1, Version: 1, Addresses: []string{"x"}}}},
	} {
		p, _ := errors.AsType[problem.Set](edit(1, tt.settings, tt.types...))
		if p[tt.field] == "" {
			t.Errorf("%s: %v", tt.field, p)
		}
	}
	since := settings.Settings{
		AgeLimit: settings.Since, AgeLimitSince: day.New(2025, time.July, 1), AgeLimitMonths: 12, HideTasks: true, FileQuota: 20,
		ContactNotifications: []string{"office@demo.test"}, JobNotifications: []string{"a@demo.test", "b@demo.test"},
	}
	if err := edit(1, since, settings.JobType{ID: 1, Version: 1, Addresses: []string{"service@demo.test"}}, settings.JobType{ID: 2, Version: 1}); err != nil {
		t.Fatal(err)
	}
	got, err := settings.Read(ctx, db)
	if err != nil || got.Version != 2 || got.AgeLimitSince.String() != "2025-07-01" || got.AgeLimitMonths != 0 || got.HideAdminDetails || !slices.Equal(got.JobNotifications, since.JobNotifications) {
		t.Errorf("%+v, %v", got, err)
	}
	var types []settings.JobType
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { settings.QueryJobTypes(b, &types) })
	if err != nil || types[0].Name != "Installation" || types[0].Version != 1 || types[1].Version != 2 || !slices.Equal(types[1].Addresses, []string{"service@demo.test"}) {
		t.Errorf("%+v, %v", types, err)
	}
	if err := edit(1, since); !errors.Is(err, apperr.Stale) {
		t.Errorf("edit conflict: %v", err)
	}
	if err := edit(2, since, settings.JobType{ID: 1, Version: 1, Addresses: []string{"other@demo.test"}}); !errors.Is(err, apperr.Stale) {
		t.Errorf("the job type was changed meanwhile: %v", err)
	}
	if err := edit(2, since, settings.JobType{ID: 1, Version: 1, Addresses: []string{"service@demo.test"}}); err != nil {
		t.Errorf("a job type whose addresses are as typed is no matter: %v", err)
	}
}
