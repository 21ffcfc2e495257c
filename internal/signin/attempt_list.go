package signin

import (
	"context"
	"net/netip"
	"strings"
	"time"

	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Attempt is somebody’s attempt to sign in, or to get a mail with a link, as staff look
// back at it. Refused ones of an hour stand together.
type Attempt struct {
	ID      int64
	Side    Side
	Outcome Outcome
	Reason  Reason
	Email   string // of the account; "" when nobody has the address that was typed
	Address *netip.Addr
	Known   bool // on a device of the account
	Browser string
	Times   int
	At      time.Time // the first
	LastAt  time.Time
}

// AttemptFilter narrows the attempts; zero values do not.
type AttemptFilter struct {
	Outcome Outcome
	Side    Side
	From    time.Time
	Until   time.Time // exclusive
}

// AttemptOrders are the ways to sort the attempts.
var AttemptOrders = list.Orders{{Key: "at", Expr: "a.last_at", Type: "timestamptz", Desc: true}}

// Source is the attempts as a list reads them. What is under way is none yet.
func (f AttemptFilter) Source(search string) list.Source {
	var w list.Where
	w.And("a.outcome <> 'pending'")
	if search = strings.ToLower(strings.TrimSpace(search)); search != "" {
		w.And("(strpos(lower(a.email), @search) > 0 or strpos(host(a.address), @search) > 0)", "search", search)
	}
	if f.Outcome != "" {
		w.And("a.outcome = @outcome", "outcome", string(f.Outcome))
	}
	if f.Side != "" {
		w.And("a.side = @side", "side", string(f.Side))
	}
	if !f.From.IsZero() {
		w.And("a.last_at >= @from", "from", f.From)
	}
	if !f.Until.IsZero() {
		w.And("a.last_at < @until", "until", f.Until)
	}
	return list.Source{
		Columns: "a.id, a.side, a.outcome, a.reason, a.email, a.address, a.device <> '' as known, a.browser, a.times, a.at, a.last_at",
		From:    "attempts a", ID: "a.id", Where: w,
	}
}

// QueryAttempts adds the queries for a page of the attempts, and how many there are.
func QueryAttempts(b *postgres.Batch, into *list.Page[Attempt], count *int, q list.Query, f AttemptFilter) {
	s := f.Source(q.Search)
	list.QueryPage(b, into, q, AttemptOrders, s)
	list.QueryCount(b, count, s)
}

// Attempts is a page of the attempts.
func Attempts(ctx context.Context, db postgres.DB, q list.Query, f AttemptFilter) (list.Page[Attempt], error) {
	return list.Fetch[Attempt](ctx, db, q, AttemptOrders, f.Source(q.Search))
}
