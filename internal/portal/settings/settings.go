// Package settings holds how the portal behaves: what contacts see and which
// addresses of the business are told of what happens there.
package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// AgeLimit says how old a finished job may be to be seen.
type AgeLimit string

// The kinds of age limits. Jobs that are not finished are never hidden.
const (
	Off    AgeLimit = "off"
	Months AgeLimit = "months" // the last N months
	Since  AgeLimit = "since"  // a day
)

// Settings are what an Administrator chooses. Lists are email addresses.
type Settings struct {
	ContactNotifications   []string `json:"contact_notifications"` // told when a contact is invited or access changes
	AgeLimit               AgeLimit `json:"age_limit"`
	AgeLimitMonths         int      `json:"age_limit_months"` // 0 unless AgeLimit is Months
	AgeLimitSince          day.Day  `json:"age_limit_since"`  // none unless AgeLimit is Since
	HideTasks              bool     `json:"hide_tasks"`
	HideAdminDetails       bool     `json:"hide_admin_details"`
	JobNotifications       []string `json:"job_notifications"` // the Global Notification List
	QuoteNotifications     []string `json:"quote_notifications"`
	EquipmentNotifications []string `json:"equipment_notifications"`
	DetailsNotifications   []string `json:"details_notifications"`
	MessageNotifications   []string `json:"message_notifications"`
	DocumentNotifications  []string `json:"document_notifications"`
	FileQuota              int      `json:"file_quota"`          // GB of each customer's files, unless the customer has a figure of its own
	VisitReminderHour      *int     `json:"visit_reminder_hour"` // of the day before; nil: nobody is reminded
	VisitAnswerHours       int      `json:"visit_answer_hours"`  // how long before a visit it can be answered
	TellOfGuessing         bool     `json:"tell_of_guessing"`    // Administrators hear of bursts of wrong passwords
	RecordLinks            bool     `json:"record_links"`        // emails open what they are about without signing in
	Push                   bool     `json:"push"`                // contacts can have notifications on their phones
	ContactKeys            bool     `json:"contact_keys"`        // contacts can make keys for programs of theirs
}

// Current are the settings as stored.
type Current struct {
	Settings
	Version int64 `json:"version"`
}

// JobType is a job type with the addresses told of new jobs of that type.
type JobType struct {
	ID        int64
	Name      string
	Colour    string
	Active    bool
	Addresses []string `db:"notification_addresses"`
	Version   int64
}

// The longest age limit, and the most space for a customer's files, in GB.
const (
	MaxMonths = 600
	MaxQuota  = 100_000

	MaxAnswerHours = 336
)

// TypeField is the form's field of a job type's addresses.
func TypeField(id int64) string { return "job_type_" + strconv.FormatInt(id, 10) }

func (s Settings) check(types []JobType) error {
	p := problem.Set{}
	p.Emails(s.ContactNotifications, "contact_notifications")
	p.Unless(s.AgeLimit == Off || s.AgeLimit == Months || s.AgeLimit == Since, "age_limit", "Choose whether the age of visible jobs is limited.")
	p.Unless(s.AgeLimit != Months || (s.AgeLimitMonths >= 1 && s.AgeLimitMonths <= MaxMonths), "age_limit_months", "Enter a whole number of months from 1 to 600.")
	p.Unless(s.AgeLimit != Since || !s.AgeLimitSince.IsZero(), "age_limit_since", "Enter the day from which finished jobs stay visible.")
	p.Emails(s.JobNotifications, "job_notifications")
	p.Emails(s.QuoteNotifications, "quote_notifications")
	p.Emails(s.EquipmentNotifications, "equipment_notifications")
	p.Emails(s.DetailsNotifications, "details_notifications")
	p.Emails(s.MessageNotifications, "message_notifications")
	p.Emails(s.DocumentNotifications, "document_notifications")
	p.Unless(s.FileQuota >= 1 && s.FileQuota <= MaxQuota, Field.FileQuota.Name, "Enter a whole number of GB from 1 to 100,000.")
	p.Unless(s.VisitReminderHour == nil || (*s.VisitReminderHour >= 0 && *s.VisitReminderHour <= 23), Field.VisitReminderHour.Name, "Choose an hour of the day.")
	p.Unless(s.VisitAnswerHours >= 0 && s.VisitAnswerHours <= MaxAnswerHours, Field.VisitAnswerHours.Name, "Enter a whole number of hours from 0 to 336.")
	for _, t := range types {
		p.Emails(t.Addresses, TypeField(t.ID))
	}
	return p.Err()
}

// tidied forgets what the chosen age limit does not use.
func (s Settings) tidied() Settings {
	if s.AgeLimit != Months {
		s.AgeLimitMonths = 0
	}
	if s.AgeLimit != Since {
		s.AgeLimitSince = day.Day{}
	}
	for _, addresses := range []*[]string{
		&s.ContactNotifications, &s.JobNotifications, &s.QuoteNotifications, &s.EquipmentNotifications, &s.DetailsNotifications, &s.MessageNotifications, &s.DocumentNotifications,
	} {
		if *addresses == nil {
			*addresses = []string{}
		}
	}
	return s
}

const columns = `contact_notifications, age_limit, coalesce(age_limit_months, 0) as age_limit_months, age_limit_since, hide_tasks, hide_admin_details,
	job_notifications, quote_notifications, equipment_notifications, details_notifications, message_notifications, document_notifications, file_quota, tell_of_guessing, record_links, push, contact_keys, visit_reminder_hour, visit_answer_hours, version`

// Query adds the settings as they are now to a batch.
func Query(b *postgres.Batch, into *Current) {
	postgres.QueryOne(b, into, `select `+columns+` from portal_settings`, nil)
}

// Read are the settings as they are now.
func Read(ctx context.Context, db postgres.DB) (Current, error) {
	return one(ctx, db, `select `+columns+` from portal_settings`)
}

func one(ctx context.Context, db postgres.DB, sql string) (Current, error) {
	rows, err := db.Query(ctx, sql)
	if err != nil {
		return Current{}, fmt.Errorf("read portal settings: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Current])
	if err != nil {
		return Current{}, fmt.Errorf("read portal settings: %w", err)
	}
	return c, nil
}

// QueryJobTypes adds all job types with their addresses: active ones by name,
// then the others.
func QueryJobTypes(b *postgres.Batch, into *[]JobType) {
	postgres.Query(b, into, `select id, name, colour, active, notification_addresses, version from job_types order by active desc, name collate "und-x-icu", id`, nil)
}

// Edit replaces the settings, and the addresses of those job types that are
// given; of these, ID, Version and Addresses count. It returns apperr.Stale when
// somebody else has changed the settings since version was read, or the
// addresses of a job type since its Version.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, version int64, s Settings, types []JobType) error {
	s = s.tidied()
	if err := s.check(types); err != nil {
		return err
	}
	before, err := one(ctx, tx, `select `+columns+` from portal_settings for update`)
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	_, err = tx.Exec(ctx, `
		update portal_settings set contact_notifications = @contact, age_limit = @limit, age_limit_months = nullif(@months::integer, 0), age_limit_since = @since::date,
			hide_tasks = @tasks, hide_admin_details = @admin, job_notifications = @job, quote_notifications = @quote, equipment_notifications = @equipment,
			details_notifications = @details, message_notifications = @message, document_notifications = @document, file_quota = @quota, tell_of_guessing = @guessing, record_links = @links, push = @push, contact_keys = @keys, visit_reminder_hour = @reminder, visit_answer_hours = @answer, version = version + 1, updated_at = now()`,
		pgx.NamedArgs{
			"contact": s.ContactNotifications, "limit": string(s.AgeLimit), "months": s.AgeLimitMonths, "since": s.AgeLimitSince, "tasks": s.HideTasks, "admin": s.HideAdminDetails,
			"job": s.JobNotifications, "quote": s.QuoteNotifications, "equipment": s.EquipmentNotifications, "details": s.DetailsNotifications, "message": s.MessageNotifications, "document": s.DocumentNotifications, "quota": s.FileQuota,
			"guessing": s.TellOfGuessing, "links": s.RecordLinks, "push": s.Push, "keys": s.ContactKeys, "reminder": s.VisitReminderHour, "answer": s.VisitAnswerHours,
		})
	if err != nil {
		return fmt.Errorf("edit portal settings: %w", err)
	}
	after := Current{Settings: s, Version: version + 1}
	err = audit.Record(ctx, tx, by, audit.New{Action: audit.PortalSettingsEdited, ID: 1, Label: "Customer Portal", Before: before, After: after})
	if err != nil {
		return err
	}
	for _, t := range types {
		if err := setAddresses(ctx, tx, by, t); err != nil {
			return err
		}
	}
	return nil
}

func setAddresses(ctx context.Context, tx postgres.Tx, by audit.Actor, t JobType) error {
	var before JobType
	err := tx.QueryRow(ctx, `select name, notification_addresses, version from job_types where id = @id for update`, pgx.NamedArgs{"id": t.ID}).
		Scan(&before.Name, &before.Addresses, &before.Version)
	if errors.Is(err, pgx.ErrNoRows) {
		return apperr.Stale
	}
	if err != nil {
		return fmt.Errorf("job type %d: %w", t.ID, err)
	}
	if slices.Equal(before.Addresses, t.Addresses) {
		return nil
	}
	if before.Version != t.Version {
		return apperr.Stale
	}
	addresses := append([]string{}, t.Addresses...) // never null
	_, err = tx.Exec(ctx, `update job_types set notification_addresses = @addresses, version = version + 1 where id = @id`, pgx.NamedArgs{"id": t.ID, "addresses": addresses})
	if err != nil {
		return fmt.Errorf("addresses of job type %d: %w", t.ID, err)
	}
	return audit.Record(ctx, tx, by, audit.New{
		Action: audit.JobTypeEdited, ID: t.ID, Label: before.Name,
		Before: map[string]any{"notification_addresses": before.Addresses}, After: map[string]any{"notification_addresses": addresses},
	})
}
