package officeweb

import (
	"cmp"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// AskJob says what a job made of a quote would be.
func (h Quotes) AskJob(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.askJob(w, r, v, 0, form.NewNonce(), nil, http.StatusOK)
}

func (h Quotes) askJob(w http.ResponseWriter, r *http.Request, v staff.Viewer, jobType int64, nonce string, problems problem.Set, status int) error {
	q, err := h.find(r)
	if err != nil {
		return err
	}
	if !q.Status.Workable() {
		return h.show(w, r, v, q, http.StatusConflict, "This quote is "+string(q.Status)+". A job can be created once it was sent or accepted.", nil)
	}
	view := officeview.JobFromQuote{
		Page: officeview.Page(v, "Create a job from "+q.Number, route.OfficeQuotes), Quote: q, Type: cmp.Or(jobType, q.JobTypeID), Nonce: nonce, Problems: problems, Format: v.Format,
	}
	var files []attachment.File
	err = postgres.Read(r.Context(), h.DB, func(b *postgres.Batch) {
		job.QueryChoices(b, &view.Types, view.Type)
		quote.QueryJobs(b, &view.Jobs, q.ID)
		attachment.QueryAll(b, &files, filesOf(q))
	})
	if err != nil {
		return err
	}
	view.Files = len(files)
	if q.BookedFrom != nil {
		view.Told, err = wouldTell(r.Context(), h.DB, toldOfQuote(q, r.URL.Path), notify.KindJobBooked, notify.About{Customer: q.CustomerID, Draft: &notify.Draft{MainContact: q.MainContactID, Site: q.SiteID}})
		if err != nil {
			return err
		}
		view.Told.Thing, view.Told.PDF = "job", ""
	}
	return page.Render(w, r, status, officeview.CreateJobFromQuote(view))
}

// CreateJob makes a job of a quote, with copies of its files.
func (h Quotes) CreateJob(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	number, jobType, nonce := chi.URLParam(r, "number"), form.ID(r, "type"), form.Nonce(r)
	ref, told, err := h.Office.CreateJobFromQuote(r.Context(), v, number, nonce, jobType)
	if p := asProblems(err); p != nil {
		return h.askJob(w, r, v, jobType, nonce, p, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return h.done(w, r, v, err, "")
	}
	was := ref.Number + " was created from " + number
	words, warn := was+".", false
	if told != nil {
		words, warn = officeview.ToldWords(was+" and is booked.", was+" and is booked", "job", told)
	}
	say(r.Context(), words, warn)
	return page.Redirect(w, r, route.OfficeJob(ref.Number))
}
