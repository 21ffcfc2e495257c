package overview

import (
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
)

// Kind is a kind of thing that waits for somebody in the office. To add one, add
// a line to kinds: queue, counts and navigation follow.
type Kind struct {
	Name   string // in addresses and in waiting_marks; never changed
	Label  string // of them all
	One    string // of one of them
	Icon   string
	Area   string // of the navigation that counts it: jobs, quotes, messages, email
	Action string // what is commonly done with it
	Page   string // where it stands, with % for its number or id
	Go     string // where the action is done, with % alike
	Post   bool   // the action is a form without fields; else a page
	Done   string // what is said of one that needs nothing; "" when there is no such thing

	kept  keeper.Kind // what another system keeps of these is done there, and does not wait here
	table string      // as t
	id    string      // "t.id" when empty
	where string      // on t, with @today; a partial index serves it
	at    string      // since when it waits; never null
	thing string      // what waiting_marks name it by; "t.id" when empty
	find  string      // the condition for thing = @thing; "t.id = @thing" when empty
	joins string      // for the columns below
	shown string      // number, name, description, customer, by, fresh, note, due
	visit string      // a VisitAnswer; none when empty
}

const (
	asker     = "left join contacts c on c.id = coalesce(t.created_by_contact_id, t.main_contact_id)"
	ofRequest = `t.number, t.name, left(t.description, 400) as description, t.customer_id as customer, coalesce(c.name, '') as by, t.origin = 'portal' and t.looked_at is null as fresh, '' as note, null::date as due`
	ofQuote   = `t.number, t.name, left(t.description, 400) as description, t.customer_id as customer, coalesce(c.name, '') as by, `
)

// kinds are all that there are, in the order of the page.
var kinds = []Kind{
	{
		Name: "message", Label: "Messages", One: "Message to answer", Icon: "message-square", Area: "messages", Action: "Answer", Page: "/office/%/messages", Go: "/office/%/messages#write", Done: "No answer needed",
		table: "messages m", id: "m.id", where: message.Unanswered, at: "m.at",
		// A conversation, not a message: whoever has taken it keeps it when the customer writes again. Those on quotes are below zero.
		thing: "coalesce(m.job_id, -m.quote_id)", find: "(m.job_id = @thing or m.quote_id = -@thing)",
		joins: "left join jobs j on j.id = m.job_id left join quotes q on q.id = m.quote_id left join contacts c on c.id = m.contact_id",
		shown: `coalesce('jobs/' || j.number, 'quotes/' || q.number) as number, coalesce(j.name, q.name) as name, left(coalesce(j.description, q.description), 400) as description, m.customer_id as customer, c.name as by, false as fresh, left(m.text, 200) as note, null::date as due`,
	},
	{
		Name: "visit", Label: "Another time wanted", One: "Another time wanted", Icon: "calendar-clock", Area: "jobs", Action: "Offer another time", Page: "/office/jobs/%", Go: "/office/jobs/%/visit",
		table: "visit_answers a join jobs t on t.id = a.job_id", id: "a.job_id", kept: keeper.Jobs, where: "not a.suits and a.kept_at is null and " + list.Is("t.status", job.ExpectedStatuses...), at: "a.at",
		joins: "join contacts c on c.id = a.contact_id",
		shown: `t.number, t.name, left(t.description, 400) as description, t.customer_id as customer, c.name as by, false as fresh, left(a.reason, 200) as note, null::date as due`,
		visit: `jsonb_build_object('version', t.version, 'from', t.booked_from, 'until', t.booked_until, 'wishes', a.wishes)`,
	},
	{
		Name: "schedule", Label: "Jobs to schedule", One: "Job to schedule", Icon: "calendar", Area: "jobs", Action: "Book", Page: "/office/jobs/%", Go: "/office/jobs/%/booking",
		table: "jobs t", kept: keeper.Jobs, where: list.Is("t.status", job.UnscheduledStatuses...), at: "t.created_at", joins: asker, shown: ofRequest,
	},
	{
		Name: "price", Label: "Quotes to price", One: "Quote to price", Icon: "receipt-text", Area: "quotes", Action: "Price", Page: "/office/quotes/%", Go: "/office/quotes/%/edit",
		table: "quotes t", kept: keeper.Quotes, where: "t.status in ('requested', 'draft') and t.sent_version is null", at: "t.created_at", joins: asker, shown: ofRequest,
	},
	{
		Name: "accepted", Label: "Accepted quotes", One: "Accepted, no job yet", Icon: "circle-check", Area: "quotes", Action: "Create job", Page: "/office/quotes/%", Go: "/office/quotes/%/job", Done: "Needs no job",
		table: "quotes t", kept: keeper.Jobs, where: "t.status = 'accepted' and not t.has_job", at: "t.updated_at", joins: asker, shown: ofQuote + "false as fresh, '' as note, null::date as due",
	},
	{
		Name: "expiring", Label: "Quotes about to expire", One: "Quote about to expire", Icon: "calendar-clock", Area: "quotes", Action: "Write", Page: "/office/quotes/%", Go: "/office/quotes/%/messages#write", Done: "Let it expire",
		table: "quotes t", where: "t.status = 'sent' and coalesce(t.valid_until, 'infinity') between @today and @today::date + 7", at: "t.updated_at", joins: asker, shown: ofQuote + "false as fresh, '' as note, t.valid_until as due",
	},
	{
		Name: "unconfirmed", Label: "Unconfirmed emails", One: "Email to sort", Icon: "mail-question-mark", Area: "messages", Action: "Sort", Page: "/office/messages/unconfirmed/%", Go: "/office/messages/unconfirmed/%",
		table: "inbound_emails t", where: "t.state = 'waiting'", at: "t.at",
		shown: `t.id::text as number, coalesce(nullif(t.subject, ''), 'No subject') as name, t.reason as description, t.customer_id as customer, coalesce(nullif(t.from_name, ''), nullif(t.from_address, ''), 'Unknown sender') as by, false as fresh, left(t.text, 200) as note, null::date as due`,
	},
	{
		Name: "email", Label: "Emails not delivered", One: "Email not delivered", Icon: "mail", Area: "email", Action: "Send again", Page: "/office/email/%", Go: "/office/email/%/again", Post: true, Done: "Dealt with",
		table: "emails t", where: notify.UndeliveredSQL("t"), at: "t.created_at",
		shown: `t.id::text as number, t.subject as name, t.kind as description, t.customer_id as customer, coalesce(nullif(t.to_name, ''), t.to_address) as by, false as fresh, left(t.server_words, 200) as note, null::date as due`,
	},
	{
		Name: "request", Label: "Sent to other systems", One: "Waits for another system", Icon: "send", Area: "requests", Action: "Look", Page: "/office/requests/%", Go: "/office/requests/%",
		table: "keeper_requests t", where: "t.state = 'waiting'", at: "t.at", joins: "left join contacts c on c.id = t.contact_id",
		shown: `t.id::text as number, case t.what when 'new' then 'New: ' when 'edit' then 'Change: ' else 'Withdrawal: ' end || t.thing as name, '' as description, t.customer_id as customer, coalesce(c.name, '') as by, false as fresh, 'Sent to ' || t.label || case when t.at < now() - interval '1 day' then ', waiting for more than a day' else ', waiting' end as note, null::date as due`,
	},
}

// Kinds are all that there are, in the order of the page.
func Kinds() []Kind { return kinds }

// KindOf is the kind of a name.
func KindOf(name string) (Kind, bool) {
	for _, k := range kinds {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}
