package api

import (
	"context"
	"net/http"
	"strings"

	"fieldgate/internal/event"
	"fieldgate/internal/problem"
	"fieldgate/internal/staff"
	"fieldgate/internal/token"
)

type eventsInput struct {
	After int64  `query:"after" minimum:"0" doc:"The next of the answer before; 0 from the first that is kept."`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"100" doc:"How many at most."`
	Kinds string `query:"kinds" maxLength:"1000" doc:"Only these, such as job.requested,quote.accepted."`
}

type eventsOutput struct {
	Link string `header:"Link"`
	Body event.Feed
}

// events declares the feed of what customers did.
func (a *API) events() {
	var kinds []string
	for _, k := range event.Kinds() {
		kinds = append(kinds, string(k))
	}
	Office(a, Op{
		ID: "list-events", Method: http.MethodGet, Path: "/events", Scope: token.EventsRead, Group: "What changed", Summary: "What customers did, in order",
		Description: "The same as webhooks tell, for programs that nobody can call. Keep next once you have dealt with the events, and ask with it as after: none is missed, and none comes twice. " +
			"Kinds are " + strings.Join(kinds, ", ") + ".",
	}, func(ctx context.Context, by staff.Viewer, in *eventsInput) (*eventsOutput, error) {
		filter := event.Filter{Customers: by.Reach}
		for name := range strings.SplitSeq(in.Kinds, ",") {
			name = strings.TrimSpace(name)
			if name == "" {
				continue
			}
			k := event.Kind(name)
			if !k.Known() {
				return nil, problem.Of("kinds", "There is no kind “"+name+"”.")
			}
			filter.Kinds = append(filter.Kinds, k)
		}
		feed, err := a.parts.Events(ctx, in.After, in.Limit, filter)
		if err != nil {
			return nil, err
		}
		if feed.Events == nil {
			feed.Events = []event.Event{}
		}
		out := &eventsOutput{Body: feed}
		if feed.More {
			q := callOf(ctx).r.URL.Query()
			q.Set("after", number(feed.Next))
			out.Link = "<" + callOf(ctx).r.URL.Path + "?" + q.Encode() + `>; rel="next"`
		}
		return out, nil
	})
}
