package message

import (
	"context"
	"strings"
	"time"

	"fieldgate/internal/customer"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Thread is a conversation in the office's inbox, told by its newest message
// that the customer may read.
type Thread struct {
	Job            bool // or a quote
	Number         string
	Name           string
	Description    string
	CustomerNumber string
	CustomerName   string
	Text           string
	Author         string
	FromStaff      bool
	At             time.Time
	Unread         bool // no member of staff has read it
}

// Title is what the job or quote is called.
func (t Thread) Title() string { return job.Title(t.Name, t.Description) }

// Show is a way to narrow the inbox.
type Show string

// The ways to narrow the inbox.
const (
	ShowAll        Show = ""
	ShowUnanswered Show = "unanswered" // the customer wrote last
	ShowUnread     Show = "unread"     // and no member of staff has read it
)

// Shows are all of them, in the order in which the inbox offers them.
var Shows = []Show{ShowAll, ShowUnanswered, ShowUnread}

// Orders are the ways to sort the inbox.
var Orders = list.Orders{{Key: "newest", Expr: "m.at", Type: "timestamptz", Desc: true}}

// Unanswered is the condition on messages m that the customer wrote last, in m.
// The marks are kept by triggers; see migrations/0061_newest_messages.sql.
const Unanswered = "m.unanswered"

// Words are how conversations are searched in the office: by the words of any of
// their messages, by those of the job or quote, and by the customer's number and
// names. The newest message has the words of all but the customer
// (migrations/0238_words_of_conversations.sql). Of several words typed, one of them
// must have all: that is looked at where the conversation has them together.
var Words = func() list.Words {
	const (
		query   = "(select search_query(@typed))"
		several = "(select strpos(search_query(@typed)::text, ' & ') > 0)"
	)
	w := customer.WordsOf("messages m", "m", "m.at")
	// One look for each row: written as exists, it is made a list of all that fit.
	has := func(table, condition string) string {
		return "(select true from " + table + " w where " + condition + " and ts_match_vq(w.search, " + query + ") limit 1)"
	}
	w.Fits = "m.customer_id = any(@owners) or coalesce(ts_match_vq(m.conversation_words, " + query + "), true) and (m.conversation_words is not null and not " + several + " or coalesce(" + strings.Join([]string{
		has("jobs", "w.id = m.job_id"), has("quotes", "w.id = m.quote_id"),
		has("messages", "w.job_id = m.job_id and not w.staff_only"), has("messages", "w.quote_id = m.quote_id and not w.staff_only"),
	}, ", ") + ", false))"
	const newest = "select n.id from messages n where n.newest and "
	w.Index = "m.id in (" + newest + "n.customer_id = any(@owners) union all " + newest + "n.conversation_words @@ (select wide_query(search_query(@typed))) union all " +
		newest + "n.conversation_words is null) and (" + w.Fits + ")"
	w.Where = "m.newest"
	return w
}()

func inbox(q list.Query, show Show) list.Source {
	s := list.Source{
		Columns: `m.job_id is not null as job, coalesce(j.number, q.number) as number, coalesce(j.name, q.name) as name,
			left(coalesce(j.description, q.description), 400) as description, cu.number as customer_number, cu.name as customer_name,
			left(m.text, 400) as text, coalesce(s.name, c.name, ` + byToken + `) as author, m.contact_id is null as from_staff, m.at,
			m.contact_id is not null and (select true from message_reads r where r.message_id = m.id and r.staff_id is not null limit 1) is null as unread`,
		From: `messages m left join customers cu on cu.id = m.customer_id left join jobs j on j.id = m.job_id left join quotes q on q.id = m.quote_id
			left join staff s on s.id = m.staff_id left join contacts c on c.id = m.contact_id`,
		ID: "m.id",
	}
	switch show {
	case ShowAll:
		s.Where.And("m.newest")
	case ShowUnanswered:
		s.Where.And(Unanswered)
	case ShowUnread:
		// Asked of each by itself: in a count of choices, not exists would read all that was ever read.
		s.Where.And(Unanswered + " and (select true from message_reads r where r.message_id = m.id and r.staff_id is not null limit 1) is null")
	}
	if s.Search = q.Found; s.Search.On() && show != ShowAll {
		s.Where.And("m.newest") // as all of them are: so a search looks through them in one order
	}
	return s
}

// Inbox lists conversations, the one written to last first.
func Inbox(ctx context.Context, db postgres.DB, q list.Query, show Show) (page list.Page[Thread], err error) {
	if q.Found, err = list.Look(ctx, db, q.Search, Words); err != nil {
		return page, err
	}
	return list.Fetch[Thread](ctx, db, q, Orders, inbox(q, show))
}

// QueryInbox adds to a batch a page of the inbox, and how many conversations
// there are by each of Shows. A search has had its first look.
func QueryInbox(b *postgres.Batch, into *list.Page[Thread], q list.Query, show Show) (counts map[Show]int) {
	s := inbox(q, show)
	list.KeepPlans(b, q, s)
	list.QueryPage(b, into, q, Orders, s)
	return list.QueryCounts(b, Shows, func(show Show) list.Source {
		s := inbox(q, show)
		if q.Search == "" {
			s.From = "messages m" // no condition asks for more
		}
		return s
	})
}
