package portal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/quote"
)

// NotRightFor is for how many days after a job was done a contact can say that
// it is not right yet.
const NotRightFor = 30

// mainContact reports whether the job is the viewer's own.
func (j Job) mainContact(v Viewer) bool {
	return v.SeesJobs() && j.MainContactID != nil && *j.MainContactID == v.Contact
}

// answerable reports whether the viewer is one of those who answer for the
// customer when somebody comes: who may edit jobs, and whose job it is.
func (j Job) answerable(v Viewer) bool {
	return j.Status == job.Booked && j.BookedFrom != nil && (v.MayEditJobs() || j.mainContact(v))
}

// MayAnswerVisit reports whether the viewer may say now whether the visit suits.
func (j Job) MayAnswerVisit(v Viewer) bool { return j.answerable(v) && j.WhyNotAnswer(v) == "" }

// WhyNotAnswer tells a viewer who could answer a visit why that is over; it is
// empty for everybody else.
func (j Job) WhyNotAnswer(v Viewer) string {
	switch now := v.Business.Format.Now; {
	case !j.answerable(v):
		return ""
	case !j.BookedFrom.After(now):
		return "The visit has begun. If something has changed, call " + caller(v) + "."
	case !j.AnswerUntil.After(now):
		return "The visit is too soon to ask for another time here. Call " + caller(v) + "."
	}
	return ""
}

// Answer is what was answered to the visit; nil for nothing.
func (j Job) Answer() *job.Answer {
	if len(j.Answers) == 0 {
		return nil
	}
	return &j.Answers[0]
}

// Booking is when somebody comes.
func (j Job) Booking() job.Booking { return job.Booking{From: j.BookedFrom, Until: j.BookedUntil} }

// MayWithdraw reports whether the viewer may take the request back: their own,
// until the office has taken it up.
func (j Job) MayWithdraw(v Viewer) bool {
	return !v.Linked() && j.Status == job.StatusNew && (j.mainContact(v) || j.CreatedByViewer(v))
}

// MayFollowUp reports whether the viewer may say that what was done is not right
// yet: it makes a job of its own.
func (j Job) MayFollowUp(v Viewer) bool {
	f := v.Business.Format
	done := j.Status == job.Completed || j.Status == job.Closed
	return v.MayOpenJobs() && done && j.CompletedAt != nil && !f.DayOf(*j.CompletedAt).AddDays(NotRightFor).Before(f.Today())
}

// MayAskAgain reports whether the viewer may ask for the same work once more.
func (j Job) MayAskAgain(v Viewer) bool { return v.MayOpenJobs() && j.Status.Finished() }

// MayWithdraw reports whether the viewer may take the request back: their own,
// until a price was sent.
func (q Quote) MayWithdraw(v Viewer) bool {
	own := q.createdBy(v) || (q.MainContactID != nil && *q.MainContactID == v.Contact)
	return !v.Linked() && v.SeesQuotes() && q.Status == quote.Requested && own
}

// VisitAnswer is what a contact says to the visit that was Shown.
type VisitAnswer struct {
	Shown  job.Booking
	Suits  bool
	Wishes []job.Wish
	Reason string
}

// AnswerVisit notes that a visit suits, or which other times would, and tells
// the office of those. Nothing moves by itself. A visit that was moved since it
// was shown is apperr.Stale.
func (d *Service) AnswerVisit(ctx context.Context, v Viewer, number string, a VisitAnswer) error {
	return d.transact(ctx, v, Viewer.SeesJobs, func(tx postgres.Tx, now Viewer) error {
		j, err := lookAtJob(ctx, tx, now, number)
		switch why := j.WhyNotAnswer(now); {
		case err != nil:
			return err
		case why != "":
			return apperr.Conflict{Words: why}
		case j.Status != job.Booked || !a.Shown.Same(j.Booking()):
			return apperr.Stale
		case !j.answerable(now):
			return apperr.Forbidden{Words: "You can see this job, but not answer for it."}
		}
		if err := now.checkAnswering(); err != nil {
			return err
		}
		before := j.Answer()
		ref, err := job.AnswerVisit(ctx, tx, now.Actor(), number, job.NewAnswer{Customer: now.Customer, Shown: a.Shown, Suits: a.Suits, Wishes: a.Wishes, Reason: a.Reason}, now.Business.Format)
		if err != nil || (before != nil && before.Is(a.Suits, a.Wishes, a.Reason)) {
			return err
		}
		return d.notify.VisitAnswered(ctx, tx, ref.ID)
	})
}

// WithdrawJob takes back a job that the viewer asked for, and tells the office.
func (d *Service) WithdrawJob(ctx context.Context, v Viewer, number string, version int64, why string) error {
	return d.transact(ctx, v, Viewer.SeesJobs, func(tx postgres.Tx, now Viewer) error {
		j, err := lookAtJob(ctx, tx, now, number)
		switch {
		case err != nil:
			return err
		case !j.mainContact(now) && !j.CreatedByViewer(now):
			return apperr.Forbidden{Words: "Only the person who asked for this job can withdraw it."}
		}
		return d.change(ctx, tx, now, keeper.Jobs, keeper.Withdrawal, j.ID, func(tx postgres.Tx) (int64, error) {
			before, err := job.LockVisit(ctx, tx, number)
			if err != nil {
				return 0, err
			}
			ref, withdrawn, err := job.WithdrawRequest(ctx, tx, now.Actor(), now.Customer, number, version, why)
			if err != nil || !withdrawn {
				return 0, err
			}
			if _, err := d.notify.VisitChanged(ctx, tx, before, true, now.Contact); err != nil {
				return 0, err
			}
			return ref.ID, d.notify.RequestWithdrawn(ctx, tx, now.Contact, ref.ID, 0)
		})
	})
}

// WithdrawQuote takes back a quote that the viewer asked for, and tells the
// office.
func (d *Service) WithdrawQuote(ctx context.Context, v Viewer, number string, version int64, why string) error {
	return d.transact(ctx, v, Viewer.SeesQuotes, func(tx postgres.Tx, now Viewer) error {
		var q Quote
		if err := readIn(ctx, tx, now, func(b *postgres.Batch) { queryQuote(b, &q, number) }); err != nil {
			return err
		}
		switch {
		case q.Status == quote.Withdrawn:
			return nil // the button was pressed twice
		case q.Status != quote.Requested:
			return apperr.Conflictf("We have begun on this quote, so it cannot be withdrawn here. Call %s.", caller(now))
		case !q.MayWithdraw(now):
			return apperr.Forbidden{Words: "Only the person who asked for this quote can withdraw it."}
		}
		return d.change(ctx, tx, now, keeper.Quotes, keeper.Withdrawal, q.ID, func(tx postgres.Tx) (int64, error) {
			if err := quote.Withdraw(ctx, tx, now.Actor(), number, version, why); err != nil {
				return 0, err
			}
			return q.ID, d.notify.RequestWithdrawn(ctx, tx, now.Contact, 0, q.ID)
		}, keeper.Change{Field: "reason", Label: "Reason", After: why})
	})
}

// FollowUp says what is not right yet of a job that was done.
type FollowUp struct {
	Text  string
	Nonce string
	Files []attachment.Incoming
}

// AskFollowUp answers whether the viewer may say now that a job is not right
// yet, and how much may come with it.
func (d *Service) AskFollowUp(ctx context.Context, v Viewer, number string) (attachment.Room, error) {
	return d.ask(ctx, v, Viewer.MayOpenJobs, func(ctx context.Context, tx postgres.Tx, now Viewer) error {
		if err := checkRequest(ctx, tx, now); err != nil {
			return err
		}
		_, err := followed(ctx, tx, now, number)
		return err
	})
}

// FollowJob records a job that follows one that is not right yet: with its
// words, its files and how much it presses. A form sent twice makes one job.
func (d *Service) FollowJob(ctx context.Context, v Viewer, number string, f FollowUp) (made string, err error) {
	err = attachment.Storing(ctx, d.store, f.Files, func(files []attachment.Stored) (err error) {
		made, err = d.followJob(ctx, v, number, f, files)
		return err
	})
	if errors.Is(err, errSentTwice) {
		err = nil
	}
	return made, err
}

func (d *Service) followJob(ctx context.Context, v Viewer, number string, f FollowUp, files []attachment.Stored) (made string, err error) {
	err = d.transactRequest(ctx, v, Viewer.MayOpenJobs, func(tx postgres.Tx, now Viewer) error {
		j, err := followed(ctx, tx, now, number)
		if err != nil {
			return err
		}
		p := problem.Set{}
		p.Unless(f.Text != "", job.Field.Description.Name, "Tell us what is not right.")
		p.Limit(job.Field.Description, f.Text)
		if err := p.Err(); err != nil {
			return err
		}
		n := job.New{Customer: now.Customer, Contact: now.Contact, Follows: j.ID, Nonce: now.nonce(f.Nonce), Details: job.Details{
			Name: j.Name, Type: j.TypeID, Description: followingWords(f.Text, j), PurchaseOrder: j.PurchaseOrder,
		}}
		if j.SiteID != nil {
			n.Site = *j.SiteID
		}
		for _, e := range j.Equipment {
			n.Equipment = append(n.Equipment, e.ID)
		}
		ref, created, err := job.Create(ctx, tx, now.Actor(), n)
		if err != nil {
			return err
		}
		made = ref.Number
		if !created {
			return errSentTwice
		}
		// The photos stay where they are, a press away on either side: of copies
		// the office would have to hide each.
		if err := d.keep(ctx, tx, now, attachment.On{Customer: now.Customer, Job: ref.ID}, files); err != nil {
			return err
		}
		if err := d.request(ctx, tx, now, keeper.Jobs, ref.ID); err != nil {
			return err
		}
		return d.notify.JobOpened(ctx, tx, ref.ID)
	})
	return made, err
}

// followingWords are what is not right yet, with what was asked for at first as
// far as there is room.
func followingWords(text string, j Job) string {
	words := []rune(fmt.Sprintf("%s\n\n%s: %s", text, j.Number, j.Description))
	return strings.TrimSpace(string(words[:min(len(words), job.Field.Description.Max)]))
}

// followed is the job that a viewer may say of that it is not right yet.
func followed(ctx context.Context, tx postgres.Tx, now Viewer, number string) (Job, error) {
	j, err := lookAtJob(ctx, tx, now, number)
	if err == nil && !j.MayFollowUp(now) {
		err = apperr.Conflictf("You can do this for %d days after a job is done. Call %s instead.", NotRightFor, caller(now))
	}
	return j, err
}

func lookAtJob(ctx context.Context, tx postgres.Tx, now Viewer, number string) (j Job, err error) {
	err = readIn(ctx, tx, now, func(b *postgres.Batch) { queryJob(b, &j, number) })
	return j, err
}
