package officeweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// parts are the small things on a tab of a job, its tasks or its time. They
// are added, changed and removed where they stand: the address names the one
// that is a form with ?edit=, and the one to go on from with ?at=.
type parts[P, F any] struct {
	jobs   Jobs
	tab    string // in the address
	param  string // of the route
	thing  string // as the audit trail calls it
	labels problem.Fields
	// query reads the part that is being changed, and fill makes a form of it;
	// fresh is the form of a new one.
	query func(b *postgres.Batch, into *P, number string, id int64)
	fill  func(P) F
	fresh func(v staff.Viewer, j job.Job) F
	form  func(*F) *officeview.PartForm
	read  func(r *http.Request) F
	check func(v staff.Viewer, f F) problem.Set
	// named is the member of staff whom a form names.
	named  func(F) int64
	create func(ctx context.Context, v staff.Viewer, number string, f F) error
	edit   func(ctx context.Context, v staff.Viewer, number string, f F) error
	remove func(ctx context.Context, v staff.Viewer, number string, id int64) error
	// page asks for what the tab shows, and makes the page once that is read.
	page func(b *postgres.Batch, number string) func(officeview.JobParts, F) templ.Component
}

func (p parts[P, F]) list(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	var (
		j    job.Job
		part P
	)
	number, id := chi.URLParam(r, "number"), idIn(r.URL.Query().Get("edit"))
	err := postgres.Read(r.Context(), p.jobs.DB, func(b *postgres.Batch) {
		job.QueryByNumber(b, &j, number)
		if id != 0 {
			p.query(b, &part, number, id)
		}
	})
	if err != nil {
		return err
	}
	f := p.fresh(v, j)
	if id != 0 {
		f = p.fill(part)
	} else {
		p.form(&f).Nonce = form.NewNonce()
	}
	return p.show(w, r, v, j, f)
}

func (p parts[P, F]) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, j job.Job, f F) error {
	view := officeview.JobParts{Today: v.Format.Today(), At: r.URL.Query().Get("at")}
	var screen func(officeview.JobParts, F) templ.Component
	head, err := p.jobs.headOf(r.Context(), v, j, p.tab, func(b *postgres.Batch, j job.Job) {
		job.QueryAssignable(b, &view.People, p.named(f))
		screen = p.page(b, j.Number)
	})
	if err != nil {
		return err
	}
	view.JobHead = head
	return page.Render(w, r, formStatus(p.form(&f).Problems, p.form(&f).EditConflict), screen(view, f))
}

// save adds the part that a form describes, or with an id in the address changes it.
func (p parts[P, F]) save(w http.ResponseWriter, r *http.Request, v staff.Viewer, write func(context.Context, staff.Viewer, string, F) error, id int64) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	f := p.read(r)
	common := p.form(&f)
	common.ID, common.Nonce, common.Version = id, form.Nonce(r), form.Version(r)
	err := common.Problems.Join(p.check(v, f)).Err()
	if err == nil {
		err = write(ctx, v, number, f)
	}
	problems, refused := errors.AsType[problem.Set](err)
	stale := errors.Is(err, apperr.Stale)
	if err != nil && !refused && !stale {
		return err
	}
	if err == nil {
		at := officeview.NewPart
		if id != 0 {
			at = idText(id)
		}
		return page.Redirect(w, r, route.OfficeJob(number, p.tab)+"?at="+at)
	}
	common.Problems = problems
	var (
		j    job.Job
		part P
	)
	err = postgres.Read(ctx, p.jobs.DB, func(b *postgres.Batch) {
		job.QueryByNumber(b, &j, number)
		if stale {
			p.query(b, &part, number, id)
		}
	})
	if err != nil {
		return err
	}
	if stale {
		if common.EditConflict, err = editConflict(ctx, p.jobs.DB, v.Format, p.thing, id, common.Version, p.labels); err != nil {
			return err
		}
		now := p.fill(part)
		common.Version = p.form(&now).Version
	}
	return p.show(w, r, v, j, f)
}

func (p parts[P, F]) add(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return p.save(w, r, v, p.create, 0)
}

func (p parts[P, F]) update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, p.param)
	if err != nil {
		return err
	}
	return p.save(w, r, v, p.edit, id)
}

func (p parts[P, F]) delete(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return p.change(w, r, v, "?at="+officeview.NewPart, p.remove)
}

// change does something with a part that needs no form, and goes on at a place of the tab.
func (p parts[P, F]) change(w http.ResponseWriter, r *http.Request, v staff.Viewer, at string, write func(ctx context.Context, v staff.Viewer, number string, id int64) error) error {
	id, err := pathID(r, p.param)
	if err != nil {
		return err
	}
	number := chi.URLParam(r, "number")
	if err := write(r.Context(), v, number, id); err != nil {
		return err
	}
	return page.Redirect(w, r, route.OfficeJob(number, p.tab)+at)
}
