package officeweb

import (
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
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
type parts[F any] struct {
	pool   *pgxpool.Pool
	tab    string // in the address
	param  string // of the route
	thing  string // as the audit trail calls it
	labels []labelled
	form   func(*F) *officeview.PartForm
	fresh  func(v staff.Viewer, j job.Job) F
	find   func(ctx context.Context, db postgres.DB, j, id int64) (F, error)
	read   func(r *http.Request) F
	check  func(v staff.Viewer, f F) problem.Set
	add    func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, f F) error
	edit   func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, f F) error
	remove func(ctx context.Context, tx postgres.Tx, by audit.Actor, j job.Job, id int64) error
	// page is the tab with its form.
	page func(ctx context.Context, v officeview.JobParts, f F) (templ.Component, error)
	// named is the member of staff whom a form names.
	named func(F) int64
}

func (p parts[F]) list(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	head, err := Jobs{Pool: p.pool}.head(r, v, p.tab)
	if err != nil {
		return err
	}
	f := p.fresh(v, head.Job)
	if id := idIn(r.URL.Query().Get("edit")); id != 0 {
		if f, err = p.find(r.Context(), p.pool, head.Job.ID, id); err != nil {
			return err
		}
	} else {
		p.form(&f).Nonce = form.NewNonce()
	}
	return p.show(w, r, v, head, f)
}

func (p parts[F]) show(w http.ResponseWriter, r *http.Request, v staff.Viewer, head officeview.JobHead, f F) error {
	view := officeview.JobParts{JobHead: head, Today: v.Format.Today(), At: r.URL.Query().Get("at")}
	var err error
	if view.People, err = job.Assignable(r.Context(), p.pool, []int64{p.named(f)}); err != nil {
		return err
	}
	screen, err := p.page(r.Context(), view, f)
	if err != nil {
		return err
	}
	return page.Render(w, r, formStatus(p.form(&f).Problems, p.form(&f).Meanwhile), screen)
}

// save adds the part that a form describes, or with an id in the address changes it.
func (p parts[F]) save(w http.ResponseWriter, r *http.Request, v staff.Viewer, write func(context.Context, postgres.Tx, audit.Actor, job.Job, F) error, id int64) error {
	ctx := r.Context()
	head, err := Jobs{Pool: p.pool}.head(r, v, p.tab)
	if err != nil {
		return err
	}
	f := p.read(r)
	common := p.form(&f)
	common.ID, common.Nonce, common.Version = id, form.Nonce(r), form.Version(r)
	if err = common.Problems.Join(p.check(v, f)).Err(); err == nil {
		err = postgres.Transact(ctx, p.pool, func(tx postgres.Tx) error { return write(ctx, tx, v.Actor(), head.Job, f) })
	}
	if problems, ok := errors.AsType[problem.Set](err); ok {
		common.Problems = problems
		return p.show(w, r, v, head, f)
	}
	if errors.Is(err, apperr.Stale) {
		now, err := p.find(ctx, p.pool, head.Job.ID, id)
		if err != nil {
			return err
		}
		if common.Meanwhile, err = meanwhile(ctx, p.pool, v.Format, p.thing, id, common.Version, p.labels); err != nil {
			return err
		}
		common.Version = p.form(&now).Version
		return p.show(w, r, v, head, f)
	}
	if err != nil {
		return err
	}
	at := officeview.NewPart
	if id != 0 {
		at = idText(id)
	}
	return page.Redirect(w, r, route.OfficeJob(head.Job.Number, p.tab)+"?at="+at)
}

func (p parts[F]) create(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return p.save(w, r, v, p.add, 0)
}

func (p parts[F]) update(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	id, err := pathID(r, p.param)
	if err != nil {
		return err
	}
	return p.save(w, r, v, p.edit, id)
}

func (p parts[F]) delete(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return p.change(w, r, v, "?at="+officeview.NewPart, p.remove)
}

// change does something with a part that needs no form, and goes on at a place of the tab.
func (p parts[F]) change(w http.ResponseWriter, r *http.Request, v staff.Viewer, at string, write func(context.Context, postgres.Tx, audit.Actor, job.Job, int64) error) error {
	head, err := Jobs{Pool: p.pool}.head(r, v, p.tab)
	if err != nil {
		return err
	}
	id, err := pathID(r, p.param)
	if err != nil {
		return err
	}
	if err := postgres.Transact(r.Context(), p.pool, func(tx postgres.Tx) error { return write(r.Context(), tx, v.Actor(), head.Job, id) }); err != nil {
		return err
	}
	return page.Redirect(w, r, route.OfficeJob(head.Job.Number, p.tab)+at)
}
