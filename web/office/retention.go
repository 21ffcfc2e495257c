package officeweb

import (
	"errors"
	"net/http"
	"strconv"

	"fieldgate/internal/apperr"
	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/retention"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Retention is Administration → Retention: how long things are kept.
type Retention struct {
	DB     postgres.DB
	Office *office.Service
}

// Show is the page of the settings, with how much there is.
func (h Retention) Show(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	now, err := h.stored(r)
	if err != nil {
		return err
	}
	return h.page(w, r, v, officeview.RetentionPage{
		EmailCopies: days(now.EmailCopies), Attempts: days(now.Attempts), RemovedFiles: days(now.RemovedFiles), Activity: days(now.Activity), Events: days(now.Events), Version: now.Version,
	})
}

// days is a setting as its field shows it: nothing for until erased.
func days(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Save replaces the settings.
func (h Retention) Save(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	f := officeview.RetentionPage{
		EmailCopies: form.Text(r, "email_copies"), Attempts: form.Text(r, "attempts"), RemovedFiles: form.Text(r, "removed_files"), Activity: form.Text(r, "activity"), Events: form.Text(r, "events"), Version: form.Version(r),
	}
	// -1 is refused with the right words.
	number := func(text string) int {
		if n, err := strconv.Atoi(text); text == "" || err == nil && n > 0 {
			return n
		}
		return -1
	}
	err := h.Office.EditRetention(r.Context(), v, f.Version, retention.Settings{
		EmailCopies: number(f.EmailCopies), Attempts: number(f.Attempts), RemovedFiles: number(f.RemovedFiles), Activity: number(f.Activity), Events: number(f.Events),
	})
	if problems, ok := errors.AsType[problem.Set](err); ok {
		f.Problems = problems
		return h.page(w, r, v, f)
	}
	if errors.Is(err, apperr.Stale) {
		now, err := h.stored(r)
		if err != nil {
			return err
		}
		if f.EditConflict, err = editConflict(r.Context(), h.DB, v.Format, "retention", 1, f.Version, retention.Fields); err != nil {
			return err
		}
		f.Version = now.Version
		return h.page(w, r, v, f)
	}
	if err != nil {
		return err
	}
	session.Flash(r.Context(), "Saved. Anything older is deleted within a day.")
	return page.Redirect(w, r, route.AdminRetention)
}

func (h Retention) stored(r *http.Request) (now retention.Current, err error) {
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { retention.Query(b, &now) })
	return now, err
}

func (h Retention) page(w http.ResponseWriter, r *http.Request, v staff.Viewer, f officeview.RetentionPage) error {
	f.Page, f.Format = officeview.Page(v, "Retention", route.AdminRetention), v.Format
	err := postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) { retention.QuerySizes(b, &f.Sizes) })
	if err != nil {
		return err
	}
	return page.Render(w, r, formStatus(f.Problems, f.EditConflict), officeview.Retention(f))
}
