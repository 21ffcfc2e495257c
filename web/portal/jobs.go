package portalweb

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/download"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// Jobs are the screens of jobs.
type Jobs struct {
	Reader  *portal.Reader
	Portal  *portal.Service
	BaseURL string // entries for calendars lead back to their job
}

// List shows the jobs a contact sees.
func (h Jobs) List(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	asked := r.URL.Query()
	q := portal.JobQuery{Query: portal.JobOrders.Read(asked), Status: job.Status(asked.Get("status")), Site: askedID(r, "site"), Choose: choosesSite(r), Type: askedID(r, "type"), Booked: portal.Period(asked.Get("booked"))}
	if !q.Booked.Valid() {
		q.Booked = ""
	}
	if !portal.IsJobFilter(q.Status) {
		q.Status = ""
	}
	jobs, err := h.Reader.Jobs(r.Context(), v, q)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Jobs(portalview.JobsList{
		Viewer: v, Jobs: jobs, Query: q,
		Listing: portalview.Listing{URL: route.Jobs, Orders: portal.JobOrders, Query: q.Query, Filters: map[string]string{
			"status": string(q.Status), "site": idText(q.Site), "type": idText(q.Type), "booked": string(q.Booked),
		}},
	}))
}

// Show shows a job.
func (h Jobs) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.show(w, r, v, http.StatusOK, nil, portalview.MessageForm{})
}

func (h Jobs) show(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, p problem.Set, f portalview.MessageForm) error {
	j, err := h.Reader.Job(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if err := opened(r.Context(), h.Portal, v, j.Conversation, &v.News.Jobs, len(j.Conversation.New())); err != nil {
		return err
	}
	if err := h.Portal.Saw(r.Context(), v, portal.Holder{Job: j.Number}, j.Files); err != nil {
		return err
	}
	if f.Nonce == "" {
		f.Nonce = form.NewNonce()
	}
	p = notTaken(&v).Join(p)
	return page.Render(w, r, status, portalview.Job(portalview.JobPage{Viewer: v, Job: j, Problems: p, Message: f}))
}

// New shows the form for a new job. ?equipment= names what it is about, ?like= a
// job that it is filled in like.
func (h Jobs) New(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	about := portal.About{PublicID: askedText(r, "equipment")}
	site, err := askedSite(r, h.Reader, v)
	if err != nil {
		return err
	}
	var here int64 // a script asks for the equipment of the site just chosen
	if r.Header.Get("HX-Request") != "" {
		here = site
	}
	choices, err := h.Reader.JobChoices(r.Context(), v, about, here)
	if err != nil {
		return err
	}
	f := portalview.JobForm{Nonce: form.NewNonce()}
	if f.Site, err = offer(r.Context(), h.Reader, v, &choices.Places, site); err != nil {
		return err
	}
	if like := askedText(r, "like"); like != "" {
		return h.newLike(w, r, v, f, choices, like)
	}
	if e := choices.About(about); e != nil {
		there, err := offer(r.Context(), h.Reader, v, &choices.Places, e.SiteID)
		if err != nil {
			return err
		}
		f.Equipment, f.Site = e.ID, cmp.Or(there, f.Site)
	}
	return h.form(w, r, v, http.StatusOK, portalview.JobFormPage{Form: f, Choices: choices, About: f.Equipment != 0})
}

// AskCreate answers whether a job can be opened.
func (h Jobs) AskCreate(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskJob(r.Context(), v)
}

// Create opens a job. Files that are refused do not hold it up: it is opened
// with the others, and the next page says which were not taken.
func (h Jobs) Create(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	f := typed(r)
	p := problem.Set{}
	var err error
	if f.SiteAnswer, err = siteAnswer(r, h.Reader, v, true, p); err != nil {
		return err
	}
	request := portal.JobRequest{
		Type: f.Type, Site: f.Site, Description: f.Description, PurchaseOrder: f.PurchaseOrder, PreferredOn: form.Day(r, "preferred_on", p), Equipment: f.Equipment, Nonce: f.Nonce, Files: sent.Files, Problems: p,
	}
	var number string
	if err = sent.Over; err == nil {
		number, err = h.Portal.CreateJob(r.Context(), v, request)
	}
	if problems, status, ok := refusal(w, err); ok {
		return h.again(w, r, v, f, status, problems, sent)
	}
	if err != nil {
		return err
	}
	tell(r.Context(), "Thank you. We have your job "+number+" and will be in touch.", sent)
	return page.Redirect(w, r, route.Job(number))
}

// again shows the form with what was typed. Browsers do not keep chosen files,
// so the page says to choose them again, and which ones need not be tried.
func (h Jobs) again(w http.ResponseWriter, r *http.Request, v portal.Viewer, f portalview.JobForm, status int, p problem.Set, sent *upload.Form) error {
	choices, err := h.Reader.JobChoices(r.Context(), v, portal.About{ID: f.Equipment}, 0)
	if err != nil {
		return err
	}
	filesAgain(r, p, sent)
	return h.form(w, r, v, status, portalview.JobFormPage{Form: f, Choices: choices, Problems: p})
}

// Edit shows the form for a job that may be edited; of any other its page says why not.
func (h Jobs) Edit(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	j, err := h.Reader.Job(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if why := j.WhyNotEdit(v); why != "" {
		session.Warn(r.Context(), why)
		return page.Redirect(w, r, route.Job(j.Number))
	}
	choices, err := h.Reader.JobChoices(r.Context(), v, portal.About{}, 0)
	if err != nil {
		return err
	}
	f := portalview.JobForm{Number: j.Number, Description: j.Description, Preferred: j.PreferredOn.String(), PurchaseOrder: j.PurchaseOrder, Version: j.Version}
	if j.SiteID != nil {
		f.Site = *j.SiteID
	}
	return h.form(w, r, v, http.StatusOK, portalview.JobFormPage{Form: f, Choices: choices})
}

// Save changes what was asked for.
func (h Jobs) Save(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	f := typed(r)
	f.Number = chi.URLParam(r, "number")
	p := problem.Set{}
	var err error
	if f.SiteAnswer, err = siteAnswer(r, h.Reader, v, false, p); err != nil {
		return err
	}
	edit := portal.JobEdit{Site: f.Site, Description: f.Description, PurchaseOrder: f.PurchaseOrder, PreferredOn: form.Day(r, "preferred_on", p), Version: f.Version}
	if err = p.Err(); err == nil {
		err = h.Portal.EditJob(r.Context(), v, f.Number, edit)
	}
	problems, refused := errors.AsType[problem.Set](err)
	stale := errors.Is(err, apperr.Stale)
	if err != nil && !refused && !stale {
		return err
	}
	if err == nil {
		session.Flash(r.Context(), sentOr(v, keeper.Jobs, "Saved."))
		return page.Redirect(w, r, route.Job(f.Number))
	}
	j, err := h.Reader.Job(r.Context(), v, f.Number)
	if err != nil {
		return err
	}
	choices, err := h.Reader.JobChoices(r.Context(), v, portal.About{ID: f.Equipment}, 0)
	if err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	if stale {
		status = http.StatusConflict
		f.Version, f.EditConflict = j.Version, jobConflict(f, j)
	}
	return h.form(w, r, v, status, portalview.JobFormPage{Form: f, Choices: choices, Problems: problems})
}

func jobConflict(f portalview.JobForm, j portal.Job) *portalview.EditConflict {
	o := &portalview.EditConflict{Thing: "job"}
	o.Differ(job.Field.Description.Label, f.Description, j.Description)
	var site int64
	if j.SiteID != nil {
		site = *j.SiteID
	}
	if f.Site != site {
		o.Differ(job.Field.Site.Label, "another", j.Site)
	}
	o.Differ(job.Field.PreferredOn.Label, f.Preferred, j.PreferredOn.String())
	o.Differ(job.Field.PurchaseOrder.Label, f.PurchaseOrder, j.PurchaseOrder)
	return o
}

// Calendar is the visit of a job as an entry for calendars.
func (h Jobs) Calendar(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	j, err := h.Reader.Job(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if !j.Visit() {
		return apperr.NotFound
	}
	return download.Calendar(w, j.Number+".ics", portalview.Visit(v, j, h.BaseURL))
}

// AskFiles answers whether files can be added to a job.
func (h Jobs) AskFiles(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskJobFiles(r.Context(), v, chi.URLParam(r, "number"))
}

// AddFiles adds files to a job.
func (h Jobs) AddFiles(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	number := chi.URLParam(r, "number")
	add := func(files []attachment.Incoming) error { return h.Portal.AddJobFiles(r.Context(), v, number, files) }
	return addFiles(w, r, sent, route.Job(number), add, func(status int, p problem.Set) error {
		return h.show(w, r, v, status, p, portalview.MessageForm{})
	})
}

func typed(r *http.Request) portalview.JobForm {
	return portalview.JobForm{
		Type: form.ID(r, "type"), Description: form.Long(r, "description"), Equipment: form.ID(r, "equipment"),
		Preferred: form.Text(r, "preferred_on"), PurchaseOrder: form.Text(r, "purchase_order"), Version: form.Version(r), Nonce: form.Nonce(r),
	}
}

func (h Jobs) form(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, f portalview.JobFormPage) error {
	if err := h.Reader.Offer(r.Context(), v, &f.Choices.Places, f.Form.Site); err != nil {
		return err
	}
	f.Viewer, f.Today = v, v.Business.Format.Today()
	return page.Render(w, r, status, portalview.EditJob(f))
}
