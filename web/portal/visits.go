package portalweb

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	portalview "fieldgate/templates/portal"
	"fieldgate/templates/route"
	"fieldgate/web/form"
	"fieldgate/web/gate"
	"fieldgate/web/page"
	"fieldgate/web/session"
	"fieldgate/web/upload"
)

// newLike is the form for a new job, filled in like another one as far as that
// can still be chosen.
func (h Jobs) newLike(w http.ResponseWriter, r *http.Request, v portal.Viewer, f portalview.JobForm, choices portal.JobChoices, number string) error {
	j, err := h.Reader.Job(r.Context(), v, number)
	if err != nil {
		return err
	}
	f.Description = j.Description
	if slices.ContainsFunc(choices.Types, func(t portal.JobType) bool { return t.ID == j.TypeID }) {
		f.Type = j.TypeID
	}
	if j.SiteID != nil {
		there, err := offer(r.Context(), h.Reader, v, &choices.Places, *j.SiteID)
		if err != nil {
			return err
		}
		f.Site = cmp.Or(there, f.Site)
	}
	if len(j.Equipment) == 1 && choices.About(portal.About{ID: j.Equipment[0].ID}) != nil {
		f.Equipment = j.Equipment[0].ID
	}
	return h.form(w, r, v, http.StatusOK, portalview.JobFormPage{Form: f, Choices: choices, Like: j.Number})
}

// Visit asks which other times would suit; what was asked for already stands
// there.
func (h Jobs) Visit(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	view := portalview.AnotherTime{}
	return h.visit(w, r, v, http.StatusOK, view, func(j portal.Job) {
		if a := j.Answer(); a != nil {
			view.Reason = a.Reason
			for i, wish := range a.Wishes {
				view.Wishes[i] = typedWish(wish)
			}
		}
	})
}

func typedWish(w job.Wish) portalview.WishForm {
	if w.When == job.Morning || w.When == job.Afternoon {
		return portalview.WishForm{On: w.On.String(), When: w.When}
	}
	return portalview.WishForm{On: w.On.String(), When: "time", Time: w.When}
}

func (h Jobs) visit(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, view portalview.AnotherTime, fill func(portal.Job)) error {
	j, err := h.Reader.Job(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if !j.MayAnswerVisit(v) {
		why := j.WhyNotAnswer(v)
		if why == "" {
			why = "There is no visit here for you to answer."
		}
		session.Warn(r.Context(), why)
		return page.Redirect(w, r, route.Job(j.Number))
	}
	fill(j)
	view.Viewer, view.Job = v, j
	return page.Render(w, r, status, portalview.AskAnotherTime(view))
}

// AnswerVisit takes what a contact says to a visit.
func (h Jobs) AnswerVisit(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	number := chi.URLParam(r, "number")
	view := portalview.AnotherTime{Reason: form.Long(r, "reason")}
	a := portal.VisitAnswer{Shown: shownVisit(form.Text(r, "shown")), Suits: form.Check(r, "suits")}
	p := problem.Set{}
	if !a.Suits {
		a.Reason = view.Reason
		a.Wishes, view.Wishes = readWishes(r, p)
	}
	err := p.Err()
	if err == nil {
		err = h.Portal.AnswerVisit(r.Context(), v, number, a)
	}
	problems, refused := errors.AsType[problem.Set](err)
	switch {
	case err == nil && a.Suits:
		session.Flash(r.Context(), "Thank you. We will come as booked.")
	case err == nil:
		session.Flash(r.Context(), "Thank you. We will answer you. Until then the visit stays as it is.")
	case refused:
		view.Problems = problems
		return h.visit(w, r, v, http.StatusUnprocessableEntity, view, func(portal.Job) {})
	case errors.Is(err, apperr.Stale) && a.Suits:
		session.Warn(r.Context(), "The visit has changed while you had this open, so your answer was not sent. This is how it is now.")
	case errors.Is(err, apperr.Stale):
		view.Moved = true
		return h.visit(w, r, v, http.StatusConflict, view, func(portal.Job) {})
	default:
		return err
	}
	return page.Redirect(w, r, route.Job(number))
}

// readWishes reads the other times, and what is wrong with their days. A choice
// of which nothing is filled in is none.
func readWishes(r *http.Request, p problem.Set) (wishes []job.Wish, typed [job.MaxWishes]portalview.WishForm) {
	for i := range typed {
		t := portalview.WishForm{On: form.Text(r, job.WishField(i, "on")), When: form.Text(r, job.WishField(i, "when")), Time: form.Text(r, job.WishField(i, "time"))}
		typed[i] = t
		if t == (portalview.WishForm{}) {
			continue
		}
		on, err := day.Parse(t.On)
		p.Unless(err == nil && !on.IsZero(), job.WishField(i, "on"), "Choose the day.")
		when := t.When
		if when == "time" || (when == "" && t.Time != "") {
			when = t.Time
			_, err := time.Parse(job.TimeOfDay, when)
			p.Unless(err == nil, job.WishField(i, "time"), "Enter a time, such as 08:30.")
		}
		p.Unless(when != "" || t.When == "time", job.WishField(i, "when"), "Choose morning, afternoon or a time.")
		wishes = append(wishes, job.Wish{On: on, When: when})
	}
	return wishes, typed
}

// shownVisit reads which visit a form was about.
func shownVisit(typed string) (b job.Booking) {
	from, until, both := strings.Cut(typed, "-")
	if n, err := strconv.ParseInt(from, 10, 64); err == nil {
		b.From = new(time.Unix(n, 0))
	}
	if n, err := strconv.ParseInt(until, 10, 64); both && err == nil {
		b.Until = new(time.Unix(n, 0))
	}
	return b
}

// AskWithdrawal asks before a job is taken back.
func (h Jobs) AskWithdrawal(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.withdrawal(w, r, v, http.StatusOK, portalview.Withdrawal{})
}

func (h Jobs) withdrawal(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, view portalview.Withdrawal) error {
	j, err := h.Reader.Job(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	view.Viewer, view.Thing, view.Number, view.Title, view.Version = v, "job", j.Number, j.Title(), j.Version
	view.Action, view.Back = route.JobWithdrawal(j.Number), route.Job(j.Number)
	return askWithdrawal(w, r, status, j.MayWithdraw(v), view)
}

// Withdraw takes a job back.
func (h Jobs) Withdraw(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	number := chi.URLParam(r, "number")
	return withdrawn(w, r, v, number, route.Job(number), func(why string) error {
		return h.Portal.WithdrawJob(r.Context(), v, number, form.Version(r), why)
	}, func(status int, view portalview.Withdrawal) error { return h.withdrawal(w, r, v, status, view) })
}

// AskWithdrawal asks before a quote is taken back.
func (h Quotes) AskWithdrawal(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.withdrawal(w, r, v, http.StatusOK, portalview.Withdrawal{})
}

func (h Quotes) withdrawal(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, view portalview.Withdrawal) error {
	q, err := h.Reader.Quote(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	view.Viewer, view.Thing, view.Number, view.Title, view.Version = v, "quote", q.Number, q.Title(), q.Version
	view.Action, view.Back = route.QuoteWithdrawal(q.Number), route.Quote(q.Number)
	return askWithdrawal(w, r, status, q.MayWithdraw(v), view)
}

// Withdraw takes a quote back.
func (h Quotes) Withdraw(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	number := chi.URLParam(r, "number")
	return withdrawn(w, r, v, number, route.Quote(number), func(why string) error {
		return h.Portal.WithdrawQuote(r.Context(), v, number, form.Version(r), why)
	}, func(status int, view portalview.Withdrawal) error { return h.withdrawal(w, r, v, status, view) })
}

// askWithdrawal asks before a request is taken back, if it may be.
func askWithdrawal(w http.ResponseWriter, r *http.Request, status int, may bool, view portalview.Withdrawal) error {
	if !may {
		session.Warn(r.Context(), "You can no longer withdraw this "+view.Thing+" here.")
		return page.Redirect(w, r, view.Back)
	}
	return page.Render(w, r, status, portalview.Withdraw(view))
}

// withdrawn takes a request back, or shows the question again.
func withdrawn(w http.ResponseWriter, r *http.Request, v portal.Viewer, number, back string, do func(why string) error, again func(int, portalview.Withdrawal) error) error {
	if err := gate.CheckContact(form.Text(r, "contact"), v); err != nil {
		return err
	}
	why := form.Long(r, "reason")
	err := do(why)
	if problems, ok := errors.AsType[problem.Set](err); ok {
		return again(http.StatusUnprocessableEntity, portalview.Withdrawal{Reason: why, Problems: problems})
	}
	if errors.Is(err, apperr.Stale) {
		return again(http.StatusConflict, portalview.Withdrawal{Reason: why, Stale: true})
	}
	if err != nil {
		return err
	}
	kind := keeper.Jobs
	if strings.HasPrefix(back, route.Quotes) {
		kind = keeper.Quotes
	}
	session.Flash(r.Context(), sentOr(v, kind, number+" is withdrawn."))
	return page.Redirect(w, r, back)
}

// NotRight asks what is not right yet of a finished job.
func (h Jobs) NotRight(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	return h.notRight(w, r, v, http.StatusOK, portalview.FollowUp{Nonce: form.NewNonce()})
}

func (h Jobs) notRight(w http.ResponseWriter, r *http.Request, v portal.Viewer, status int, view portalview.FollowUp) error {
	j, err := h.Reader.Job(r.Context(), v, chi.URLParam(r, "number"))
	if err != nil {
		return err
	}
	if !j.MayFollowUp(v) {
		session.Warn(r.Context(), "You can do this for "+strconv.Itoa(portal.NotRightFor)+" days after a job is done. Call "+v.Caller()+" instead.")
		return page.Redirect(w, r, route.Job(j.Number))
	}
	view.Viewer, view.Job = v, j
	return page.Render(w, r, status, portalview.NotRightYet(view))
}

// AskFollowUp answers whether a job that follows can be opened.
func (h Jobs) AskFollowUp(r *http.Request, v portal.Viewer) (attachment.Room, error) {
	return h.Portal.AskFollowUp(r.Context(), v, chi.URLParam(r, "number"))
}

// FollowUp opens a job that follows a finished one.
func (h Jobs) FollowUp(w http.ResponseWriter, r *http.Request, v portal.Viewer, sent *upload.Form) error {
	f := portalview.FollowUp{Text: form.Long(r, "description"), Nonce: form.Nonce(r)}
	made, err := "", sent.Over
	if err == nil {
		made, err = h.Portal.FollowJob(r.Context(), v, chi.URLParam(r, "number"), portal.FollowUp{Text: f.Text, Nonce: f.Nonce, Files: sent.Files})
	}
	if problems, status, ok := refusal(w, err); ok {
		filesAgain(r, problems, sent)
		f.Problems = problems
		return h.notRight(w, r, v, status, f)
	}
	if err != nil {
		return err
	}
	tell(r.Context(), "Thank you. We have your job "+made+" and will be in touch.", sent)
	return page.Redirect(w, r, route.Job(made))
}
