package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/exchange"
	"fieldgate/internal/job"
	"fieldgate/internal/office"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
)

// Told is embedded in what deeds take of which contacts could be told.
type Told struct {
	Tell bool `json:"tell,omitempty" doc:"Whether the contacts get the email that they would get if the office did it. Without it, nobody gets one."`
}

// Booking is when somebody comes, and who.
type Booking struct {
	From      time.Time  `json:"from" doc:"When the visit begins."`
	Until     *time.Time `json:"until,omitempty" doc:"When it ends."`
	Staff     *[]string  `json:"staff,omitempty" nullable:"false" doc:"Who comes, by name or email address. Without it, whoever was to come."`
	TookPlace bool       `json:"took_place,omitempty" doc:"The visit is over: it may lie in the past, and nobody is told."`
	Told
}

// Completion is what was done on a job.
type Completion struct {
	Work *string `json:"work_undertaken,omitempty" doc:"Work Undertaken, which the customer reads. Without it, what stands there already."`
	Told
}

// Reason is why something ends.
type Reason struct {
	Reason string `json:"reason" doc:"Why. The customer reads it of a job."`
	Told
}

type bookInput struct {
	ID string `path:"id" maxLength:"100"`
	IfMatch
	Body Booking
}

type completeInput struct {
	ID string `path:"id" maxLength:"100"`
	IfMatch
	Body Completion
}

type cancelInput struct {
	ID string `path:"id" maxLength:"100"`
	IfMatch
	Body Reason
}

type sendInput struct {
	ID string `path:"id" maxLength:"100"`
	IfMatch
	Body Told
}

type withdrawInput struct {
	ID string `path:"id" maxLength:"100"`
	IfMatch
	Body struct {
		Reason string `json:"reason,omitempty" doc:"Why, for the office’s history."`
	}
}

type (
	jobOutput   = recordOutput[exchange.Job]
	quoteOutput = recordOutput[exchange.Quote]
)

// deeds declares what is done with jobs and quotes beyond their fields.
func (a *API) deeds() {
	jobs := func(id, deed, summary, description string) Op {
		return Op{
			ID: id, Method: http.MethodPost, Path: "/jobs/{id}/" + deed, Scope: "jobs:write", Group: "Jobs", Summary: summary,
			Description: description + " Done twice, it is done once. Contacts are told only with tell.",
		}
	}
	Office(a, jobs("book-job", "book", "Book the visit of a job, or move it", "The job becomes Booked."), func(ctx context.Context, by staff.Viewer, in *bookInput) (*jobOutput, error) {
		return a.doToJob(ctx, by, in.ID, in.IfMatch, func(j *exchange.Job) error {
			b, choice := job.Booking{From: &in.Body.From, Until: in.Body.Until}, office.VisitChoice{Untold: !in.Body.Tell, TookPlace: in.Body.TookPlace}
			names := j.Staff
			if in.Body.Staff != nil {
				names = *in.Body.Staff
			}
			comes, err := a.staff(ctx, by, names)
			if err != nil {
				return err
			}
			if job.Status(j.Status) == job.Booked {
				_, err = a.parts.Office.MoveVisit(ctx, by, j.Number, j.Version, b, comes, choice)
				return err
			}
			_, err = a.parts.Office.MoveJob(ctx, by, j.Number, j.Version, job.Step{To: job.Booked, Booking: b, Staff: comes, Assign: in.Body.Staff != nil}, choice)
			return err
		})
	})
	Office(a, jobs("complete-job", "complete", "Complete a job", "The job becomes Completed, now."), func(ctx context.Context, by staff.Viewer, in *completeInput) (*jobOutput, error) {
		return a.doToJob(ctx, by, in.ID, in.IfMatch, func(j *exchange.Job) error {
			_, err := a.parts.Office.MoveJob(ctx, by, j.Number, j.Version, job.Step{To: job.Completed, Work: in.Body.Work}, office.VisitChoice{Untold: !in.Body.Tell})
			return err
		})
	})
	Office(a, jobs("cancel-job", "cancel", "Cancel a job", "The customer reads the reason."), func(ctx context.Context, by staff.Viewer, in *cancelInput) (*jobOutput, error) {
		return a.doToJob(ctx, by, in.ID, in.IfMatch, func(j *exchange.Job) error {
			_, err := a.parts.Office.MoveJob(ctx, by, j.Number, j.Version, job.Step{To: job.Cancelled, Why: &in.Body.Reason}, office.VisitChoice{Untold: !in.Body.Tell})
			return err
		})
	})
	Office(a, Op{
		ID: "send-quote", Method: http.MethodPost, Path: "/quotes/{id}/send", Scope: "quotes:write", Group: "Quotes", Summary: "Send the newest version of a quote to the customer",
		Description: "From then on the customer sees it in the portal and can answer it. They get an email only with tell. A quote that is sent already stays as it is.",
	}, func(ctx context.Context, by staff.Viewer, in *sendInput) (*quoteOutput, error) {
		return a.doToQuote(ctx, by, in.ID, in.IfMatch, func(q *exchange.Quote) (err error) {
			switch {
			case q.Status == "sent":
			case in.Body.Tell:
				_, err = a.parts.Office.SendQuote(ctx, by, q.Number, q.Version)
			default:
				err = a.parts.Office.SendQuoteUntold(ctx, by, q.Number, q.Version)
			}
			return err
		})
	})
	Office(a, Op{
		ID: "withdraw-quote", Method: http.MethodPost, Path: "/quotes/{id}/withdraw", Scope: "quotes:write", Group: "Quotes", Summary: "Withdraw a quote",
		Description: "Nobody can accept it any more. A quote that is withdrawn already stays as it is. Nobody is told by email.",
	}, func(ctx context.Context, by staff.Viewer, in *withdrawInput) (*quoteOutput, error) {
		return a.doToQuote(ctx, by, in.ID, in.IfMatch, func(q *exchange.Quote) error {
			if q.Status == "withdrawn" {
				return nil
			}
			return a.parts.Office.WithdrawQuote(ctx, by, q.Number, q.Version, in.Body.Reason)
		})
	})
}

// patience of deeds: how often one is done again that somebody else was quicker with.
const tries = 5

// doTo does something to a record that is read before and shown afterwards.
func doTo[T any](ctx context.Context, a *API, by staff.Viewer, k exchange.Kind, id string, m IfMatch, do func(*T) error) (*recordOutput[T], error) {
	for try := 1; ; try++ {
		r, err := exchange.Find(ctx, a.parts.DB, k, id, by.Reach)
		if err != nil {
			return nil, err
		}
		version := exchange.HeadOf(r).Version
		if err := m.Check(version); err != nil {
			return nil, err
		}
		err = do(any(r).(*T)) //nolint:forcetypeassert // its kind says so
		if errors.Is(err, apperr.Stale) && m.IfMatch == "" && try < tries {
			continue
		}
		if err == nil && by.Source != "" {
			// A deed of its own: whoever sends it again, since this was not answered, has it done.
			err = a.parts.Office.AnswerByDeed(ctx, exchange.By{Viewer: by, Source: by.Source}, k, exchange.HeadOf(r).Row)
		}
		if err != nil {
			return nil, err
		}
		after, err := exchange.Find(ctx, a.parts.DB, k, id, by.Reach)
		if err != nil {
			return nil, err
		}
		out := &recordOutput[T]{Status: http.StatusOK, Tagged: Tagged{ETag(exchange.HeadOf(after).Version)}, Body: *any(after).(*T), State: string(exchange.Changed)} //nolint:forcetypeassert // as above
		if exchange.HeadOf(after).Version == version {
			out.State = string(exchange.Same)
		}
		return out, nil
	}
}

func (a *API) doToJob(ctx context.Context, by staff.Viewer, id string, m IfMatch, do func(*exchange.Job) error) (*jobOutput, error) {
	return doTo(ctx, a, by, exchange.Jobs, id, m, do)
}

func (a *API) doToQuote(ctx context.Context, by staff.Viewer, id string, m IfMatch, do func(*exchange.Quote) error) (*quoteOutput, error) {
	return doTo(ctx, a, by, exchange.Quotes, id, m, do)
}

// staff are the rows of people by their names.
func (a *API) staff(ctx context.Context, by staff.Viewer, names []string) (rows []int64, err error) {
	wrong := problem.Set{}
	for _, name := range names {
		r, err := a.lookUp(ctx, by, exchange.Staff, name)
		switch {
		case errors.Is(err, apperr.NotFound):
			wrong.Add("staff", "There is no "+exchange.Staff.One()+" “"+name+"”.")
		case err != nil:
			return nil, err
		default:
			row, err := strconv.ParseInt(exchange.HeadOf(r).ID, 10, 64)
			if err != nil {
				return nil, err //nolint:wrapcheck // an id of ours is a number
			}
			rows = append(rows, row)
		}
	}
	return rows, wrong.Err()
}
