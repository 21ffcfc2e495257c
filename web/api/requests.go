package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/exchange"
	"fieldgate/internal/keeper"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
)

// Request is what a contact asks of the system that keeps a thing.
type Request struct {
	ID           string        `json:"id"`
	Kind         string        `json:"kind" enum:"customers,sites,contacts,equipment,jobs,quotes" doc:"What it is about."`
	What         string        `json:"what" enum:"new,edit,withdrawal" doc:"A new thing, a change of one, or that one is no longer wanted."`
	Thing        string        `json:"thing" doc:"Its number, or what people call it."`
	Key          string        `json:"key,omitempty" doc:"Its id, as records have it; without one, it is not there yet."`
	Customer     string        `json:"customer" doc:"The customer’s number."`
	CustomerName string        `json:"customer_name"`
	Contact      string        `json:"contact" doc:"The id of the contact who asks."`
	ContactName  string        `json:"contact_name"`
	Changes      []AskedChange `json:"changes" nullable:"false"`
	At           time.Time     `json:"at" doc:"When it was asked."`
	State        string        `json:"state" enum:"waiting,done,otherwise,refused"`
	Words        string        `json:"words,omitempty" doc:"What was answered."`
	AnsweredAt   *time.Time    `json:"answered_at,omitempty"`
}

// AskedChange is what a contact would have a field say.
type AskedChange struct {
	Field  string `json:"field" doc:"As records have it."`
	Label  string `json:"label" doc:"As people read it."`
	Before string `json:"before"`
	After  string `json:"after"`
}

// RequestAnswer is what is answered to a request.
type RequestAnswer struct {
	State string `json:"state" enum:"done,otherwise,refused" doc:"It was done, something else was done, or it will not be done."`
	Words string `json:"words,omitempty" maxLength:"2000" doc:"For the contact, who reads them. A refusal says why."`
}

// Requests are those that wait.
type Requests struct {
	Items []Request `json:"items" nullable:"false"`
	Next  string    `json:"next,omitempty" doc:"Send it as cursor to read on; without one, this was the last page."`
	More  bool      `json:"more" doc:"Whether there is a next page."`
}

type requestsInput struct {
	Cursor string `query:"cursor" maxLength:"20" doc:"The next of a page before."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
}

type requestsOutput struct {
	Link string `header:"Link" doc:"The next page, as rel=next, when there is one."`
	Body Requests
}

type answerInput struct {
	ID   string `path:"id" maxLength:"20"`
	Body RequestAnswer
}

// requests declares what contacts ask of the system that a token acts for.
func (a *API) requests() {
	const group = "Requests of contacts"
	Office(a, Op{
		ID: "list-requests", Method: http.MethodGet, Path: "/requests", Scope: token.EventsRead, Group: group, Summary: "What contacts ask of your system",
		Description: "When your system keeps jobs, say, what contacts change there in the portal waits until you answer it, or send the job as they asked for it. " +
			"The list has what waits for the token’s source, in the order in which it was asked. Read it from the beginning each time: a request stays in it until it was answered.",
	}, func(ctx context.Context, by staff.Viewer, in *requestsInput) (*requestsOutput, error) {
		var after int64
		if in.Cursor != "" {
			var err error
			if after, err = strconv.ParseInt(in.Cursor, 10, 64); err != nil || after < 0 {
				return nil, problem.Of("cursor", "This cursor is none that a list has given.")
			}
		}
		all, err := keeper.Open(ctx, a.parts.DB, by.Source, by.Reach, after, in.Limit+1)
		if err != nil {
			return nil, err //nolint:wrapcheck // its words say what
		}
		out := &requestsOutput{Body: Requests{Items: []Request{}}}
		if len(all) > in.Limit {
			all = all[:in.Limit]
			out.Body.Next, out.Body.More = number(all[len(all)-1].ID), true
		}
		out.Link = link(ctx, out.Body.Next, out.Body.More)
		for _, r := range all {
			out.Body.Items = append(out.Body.Items, asked(r))
		}
		return out, nil
	})
	Office(a, Op{
		ID: "answer-request", Method: http.MethodPost, Path: "/requests/{id}/answer", Group: group, Summary: "Answer what a contact asked",
		Description: "It needs the scope that writes what the request is about, such as jobs:write. The contact reads the answer in the portal. " +
			"A new job that is refused is cancelled, a new quote withdrawn, new equipment retired. What was answered stays answered: a second answer is a conflict.",
	}, func(ctx context.Context, by staff.Viewer, in *answerInput) (*output[Request], error) {
		r, err := a.request(ctx, by, in.ID)
		if err != nil {
			return nil, err
		}
		if scope := token.Scope(string(r.Kind) + ":write"); !callOf(ctx).caller.Token.May(scope) {
			return nil, apperr.Forbidden{Words: "This needs the scope " + string(scope) + "."}
		}
		err = a.parts.Office.AnswerRequest(ctx, exchange.By{Viewer: by, Source: by.Source}, by.Reach, r.ID, keeper.Reply{State: keeper.State(in.Body.State), Words: in.Body.Words})
		if err != nil {
			return nil, err
		}
		if r, err = keeper.Find(ctx, a.parts.DB, r.ID); err != nil {
			return nil, err //nolint:wrapcheck // its words say what
		}
		return &output[Request]{asked(r)}, nil
	})
}

// request is one to the token's source, about a customer within reach.
func (a *API) request(ctx context.Context, by staff.Viewer, id string) (r keeper.Request, err error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return r, apperr.NotFound
	}
	r, err = keeper.Find(ctx, a.parts.DB, n)
	if err == nil && (r.Source != by.Source || !exchange.Reach(by.Reach).Has(r.CustomerID)) {
		err = apperr.NotFound // what is another's does not exist
	}
	return r, err //nolint:wrapcheck // its words say what
}

func asked(r keeper.Request) Request {
	out := Request{
		ID: number(r.ID), Kind: string(r.Kind), What: string(r.What), Thing: r.Thing, Key: r.Key, Customer: r.CustomerNumber, CustomerName: r.CustomerName,
		Contact: number(r.ContactID), ContactName: r.Contact, Changes: []AskedChange{}, At: r.At, State: string(r.State), Words: r.Answer, AnsweredAt: r.AnsweredAt,
	}
	for _, c := range r.Changes {
		out.Changes = append(out.Changes, AskedChange(c))
	}
	return out
}
