package officeweb

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskJob says what a job made of a quote would be.
func (h Quotes) AskJob(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.askJob(w, r, v, 0, form.NewNonce(), nil, http.StatusOK)
}

func (h Quotes) askJob(w http.ResponseWriter, r *http.Request, v staff.Viewer, jobType int64, nonce string, problems problem.Set, status int) error {
	ctx := r.Context()
	q, err := quote.Find(ctx, h.Pool, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if !q.Status.Workable() {
		return h.show(w, r, v, http.StatusConflict, "This quote is "+string(q.Status)+". A job can be created once it was sent or accepted.", nil)
	}
	view := officeview.JobFromQuote{Page: officeview.Page(v, "Create a job from "+q.Number, route.OfficeQuotes), Quote: q, Type: jobType, Nonce: nonce, Problems: problems, Format: v.Format}
	if view.Type == 0 {
		view.Type = q.JobTypeID
	}
	if view.Types, err = job.Choices(ctx, h.Pool, view.Type); err != nil {
		return err
	}
	if view.Jobs, err = quote.Jobs(ctx, h.Pool, q.ID); err != nil {
		return err
	}
	files, err := attachment.All(ctx, h.Pool, attachment.On{Customer: q.CustomerID, Quote: q.ID})
	if err != nil {
		return err
	}
	view.Files = len(files)
	return page.Render(w, r, status, officeview.CreateJobFromQuote(view))
}

// CreateJob makes a job of a quote, with copies of its files.
func (h Quotes) CreateJob(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx, number := r.Context(), chi.URLParam(r, "number")
	q, err := quote.Find(ctx, h.Pool, number)
	if err != nil {
		return err
	}
	jobType, nonce := form.ID(r, "type"), form.Nonce(r)
	if nonce == "" {
		return apperr.Conflictf("This form is too old. Open it again from the quote.")
	}
	var ref job.Ref
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) (err error) {
		var made bool
		if ref, made, err = quote.CreateJob(ctx, tx, v.Actor(), number, nonce, jobType); err != nil || !made {
			return err
		}
		on := attachment.On{Customer: q.CustomerID}
		from, to := on, on
		from.Quote, to.Job = q.ID, ref.ID
		if _, err := attachment.Copy(ctx, tx, v.Actor(), h.Queue, from, to); err != nil {
			return err
		}
		if q.BookedFrom == nil {
			return nil
		}
		return h.Notify.JobBooked(ctx, tx, ref.ID)
	})
	if p := asProblems(err); p != nil {
		return h.askJob(w, r, v, jobType, nonce, p, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return h.done(w, r, v, err, "")
	}
	session.Flash(ctx, ref.Number+" was created from "+number+".")
	return page.Redirect(w, r, route.OfficeJob(ref.Number))
}
