package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"fieldgate/internal/apperr"
	"fieldgate/internal/office"
	"fieldgate/internal/portal/settings"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// PortalSettings is Administration → Customer Portal.
type PortalSettings struct {
	DB     postgres.DB
	Office *office.Service
}

// Show is the page of the settings.
func (h PortalSettings) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	s, types, err := h.stored(r)
	if err != nil {
		return err
	}
	f := officeview.SettingsPage{Settings: s.Settings, Since: s.AgeLimitSince.String(), Quota: strconv.Itoa(s.FileQuota), AnswerHours: strconv.Itoa(s.VisitAnswerHours), JobTypes: types, Version: s.Version}
	if s.AgeLimitMonths > 0 {
		f.Months = strconv.Itoa(s.AgeLimitMonths)
	}
	return h.page(w, r, v, f)
}

// Preview answers what the settings as typed would do, while they are typed.
func (h PortalSettings) Preview(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f, _, _, err := h.typed(r)
	if err != nil {
		return err
	}
	if err := h.cuts(r, v, &f); err != nil {
		return err
	}
	f.Format = v.Format
	return page.Render(w, r, http.StatusOK, officeview.SettingsPreview(f))
}

// typed reads the form: shown are the job types it had fields for.
func (h PortalSettings) typed(r *http.Request) (f officeview.SettingsPage, shown []settings.JobType, problems problem.Set, err error) {
	// The job types of now; those the form did not show keep their addresses.
	_, types, err := h.stored(r)
	if err != nil {
		return f, nil, nil, err
	}
	for i, t := range types {
		field := settings.TypeField(t.ID)
		if version := form.ID(r, field+"_version"); version > 0 {
			types[i].Addresses, types[i].Version = form.Emails(r, field), version
			shown = append(shown, types[i])
		}
	}
	problems = problem.Set{}
	reminder := (*int)(nil)
	if hour := form.Text(r, settings.Field.VisitReminderHour.Name); hour != "" {
		n, err := strconv.Atoi(hour)
		if err != nil {
			n = -1 // no hour
		}
		reminder = &n
	}
	f = officeview.SettingsPage{
		Settings: settings.Settings{
			ContactNotifications: form.Emails(r, "contact_notifications"), AgeLimit: settings.AgeLimit(form.Text(r, "age_limit")),
			HideTasks: form.Check(r, "hide_tasks"), HideAdminDetails: form.Check(r, "hide_admin_details"),
			JobNotifications: form.Emails(r, "job_notifications"), QuoteNotifications: form.Emails(r, "quote_notifications"),
			EquipmentNotifications: form.Emails(r, "equipment_notifications"), DetailsNotifications: form.Emails(r, "details_notifications"),
			MessageNotifications: form.Emails(r, "message_notifications"), DocumentNotifications: form.Emails(r, "document_notifications"), TellOfGuessing: form.Check(r, "tell_of_guessing"), RecordLinks: form.Check(r, settings.Field.RecordLinks.Name), Push: form.Check(r, settings.Field.Push.Name), ContactKeys: form.Check(r, settings.Field.ContactKeys.Name), VisitReminderHour: reminder,
		},
		Months: form.Text(r, "age_limit_months"), Since: form.Text(r, "age_limit_since"), Quota: form.Text(r, "file_quota"), AnswerHours: form.Text(r, "visit_answer_hours"), JobTypes: types, Version: form.Version(r),
	}
	if hours, err := strconv.Atoi(f.AnswerHours); err == nil {
		f.VisitAnswerHours = hours
	} else {
		f.VisitAnswerHours = -1 // refused with the right words
	}
	f.FileQuota, _ = strconv.Atoi(f.Quota) // 0 is refused with the right words
	if f.AgeLimit == settings.Months {
		f.AgeLimitMonths, _ = strconv.Atoi(f.Months) // the same
	}
	if f.AgeLimit == settings.Since {
		f.AgeLimitSince = form.Day(r, "age_limit_since", problems)
	}
	return f, shown, problems, nil
}

// Save replaces the settings.
func (h PortalSettings) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	f, shown, problems, err := h.typed(r)
	if err != nil {
		return err
	}
	err = problems.Err()
	if err == nil {
		err = h.Office.EditPortalSettings(ctx, v, f.Version, f.Settings, shown)
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		f.Problems = problems
		return h.page(w, r, v, f)
	}
	if errors.Is(err, apperr.Stale) {
		return h.editConflict(w, r, v, f)
	}
	if err != nil {
		return err
	}
	session.Flash(ctx, "Saved. The settings apply from now on.")
	return page.Redirect(w, r, route.AdminPortal)
}

// editConflict shows the form again with what was typed, ready to be saved over
// what somebody else has changed.
func (h PortalSettings) editConflict(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.SettingsPage) error {
	ctx := r.Context()
	now, types, err := h.stored(r)
	if err != nil {
		return err
	}
	if f.EditConflict, err = editConflict(ctx, h.DB, v.Format, "portal settings", 1, f.Version, settings.Fields); err != nil {
		return err
	}
	versions := map[int64]int64{}
	for _, t := range types {
		versions[t.ID] = t.Version
	}
	for i, t := range f.JobTypes {
		f.JobTypes[i].Version = versions[t.ID]
	}
	f.Version = now.Version
	return h.page(w, r, v, f)
}

func (h PortalSettings) page(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.SettingsPage) error {
	f.Page, f.Format = officeview.Page(v, "Customer Portal", route.AdminPortal), v.Format
	if err := h.cuts(r, v, &f); err != nil {
		return err
	}
	return page.Render(w, r, formStatus(f.Problems, f.EditConflict), officeview.PortalSettings(f))
}

// stored are the settings and the job types as they are now.
func (h PortalSettings) stored(r *http.Request) (s settings.Current, types []settings.JobType, err error) {
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		settings.Query(b, &s)
		settings.QueryJobTypes(b, &types)
	})
	return s, types, err
}

// cuts fills in what age limits would hide.
func (h PortalSettings) cuts(r *http.Request, v staff.Viewer, f *officeview.SettingsPage) error {
	return postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { settings.QueryCuts(b, &f.Cuts, f.Settings, v.Format.Zone()) })
}
