package notify

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// About is the record that contacts are told of. Of one that is not stored yet
// only the customer is known, and its Draft.
type About struct {
	Job, Quote, Equipment int64
	Customer              int64 // where there is no record
	Draft                 *Draft
}

// Draft is what a form has of a record: it counts instead of what is stored.
type Draft struct{ MainContact, Site int64 }

// Telling is what one contact gets when something is told of a record.
type Telling struct {
	Contact int64
	Name    string
	Address string
	Main    bool // the main contact of the record
	Email   bool // gets an email
	Portal  bool // sees the record in the portal
	Link    bool // cannot sign in, and sees the record by the link in the email
	Why     Reason

	rule  string
	phone bool    // gets a notification on each device of theirs
	seen  []int64 // of what the mail tells of, what the contact may see
}

// Reason is why a contact gets no email. Reasons are stored.
type Reason string

// The reasons.
const (
	Archived    Reason = "archived"
	Suspended   Reason = "suspended"
	NoAccess    Reason = "no-access"
	NotAccepted Reason = "not-accepted" // invited, and not come in yet
	NoAddress   Reason = "no-address"
	NoRight     Reason = "no-right"   // to see anything of the area
	OwnOnly     Reason = "own-only"   // sees those whose main contact they are, and this is not one
	OtherSites  Reason = "other-site" // is limited to others
	TooOld      Reason = "too-old"    // older than the portal shows
	QuoteUnsent Reason = "not-sent"   // the quote is a draft, so that nobody sees it
	Hidden      Reason = "hidden"     // the files or the message
	Unwanted    Reason = "unwanted"   // chose not to get emails of the kind
	NotAsked    Reason = "not-asked"  // neither the main contact, nor chose to hear of everything
	Author      Reason = "author"     // did it
)

// reasons are all of them.
var reasons = []Reason{Archived, Suspended, NoAccess, NotAccepted, NoAddress, NoRight, OwnOnly, OtherSites, TooOld, QuoteUnsent, Hidden, Unwanted, NotAsked, Author}

// Needs reports whether somebody has to do something so that the contact is told
// the next time: what is the contact's own choice needs nothing.
func (r Reason) Needs() bool {
	return r != "" && r != Unwanted && r != NotAsked && r != Author
}

// words are the reason in the log of emails; thing is what the mail tells of.
func (r Reason) words(thing string) string {
	switch r {
	case Archived:
		return "the contact or the customer was archived"
	case Suspended:
		return "the contact was suspended"
	case NoAccess:
		return "the contact has no access to the portal"
	case NotAccepted:
		return "the contact has not accepted the invitation to the portal yet"
	case NoAddress:
		return "the contact has no email address"
	case NoRight:
		return "the contact may not see the " + thing + ": nothing of its kind is among their permissions"
	case OwnOnly:
		return "the contact may not see the " + thing + ": they see only those whose main contact they are"
	case OtherSites:
		return "the contact may not see the " + thing + ": they see other sites only"
	case TooOld:
		return "the contact may not see the " + thing + ": it is older than the portal shows"
	case QuoteUnsent:
		return "the contact may not see the " + thing + ": the quote is not sent yet"
	case Unwanted:
		return "the contact does not want these emails"
	case NotAsked:
		return "the contact has not asked to hear of everything"
	case Author:
		return "the contact did it"
	case Hidden:
	}
	switch thing {
	case "document":
		return "the document is not visible to the contact, or was replaced"
	case "files":
		return "the files are not visible to the contact, or were hidden again"
	}
	return "the contact may not see the " + thing
}

// othersNamed is how many of those who only see the record in the portal are
// looked up: more are no help to whoever is about to press.
const othersNamed = 12

// WouldTell answers what each contact of the customer would get if the kind of
// mail were due for the record now: its main contact, those who chose to hear of
// everything, and then some who only see it in the portal. It is the function
// that the sending asks, too. What is still hidden is taken as shown, and a quote
// that is being sent as sent: the question is what comes of the deed.
func WouldTell(ctx context.Context, db postgres.DB, kind Kind, about About) (tellings []Telling, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryWouldTell(b, &tellings, kind, about) })
	if err != nil {
		return nil, fmt.Errorf("ask who would be told: %w", err)
	}
	return tellings, nil
}

// QueryWouldTell adds the query of WouldTell to a batch.
func QueryWouldTell(b *postgres.Batch, into *[]Telling, kind Kind, about About) {
	l, _ := lineOf(kind)
	e := email{Kind: kind, Customer: about.Customer, Job: about.Job, Quote: about.Quote, Payload: Payload{Equipment: about.Equipment}, draft: about.Draft}
	b.Add(reached, l.reachArgs(e, true), func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByName[reachedContact])
		for _, c := range found {
			if t := c.telling(l, e); t.rule != "" || t.Portal || t.Link {
				*into = append(*into, t)
			}
		}
		return err
	})
}

// tellings are what contacts get of the mail, the main contact first. What they
// may see is asked of the portal's views, and nothing else.
func (l Line) tellings(ctx context.Context, tx postgres.Tx, e email) ([]Telling, error) {
	rows, err := tx.Query(ctx, reached, l.reachArgs(e, false))
	if err != nil {
		return nil, fmt.Errorf("read who is told: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[reachedContact])
	if err != nil {
		return nil, fmt.Errorf("read who is told: %w", err)
	}
	candidates := make([]candidate, len(found))
	for i, c := range found {
		candidates[i] = c.candidate
	}
	seen, err := visible(ctx, tx, l, e, candidates)
	if err != nil {
		return nil, err
	}
	tellings := make([]Telling, len(found))
	for i, c := range found {
		switch unseen := len(seen[i]) == 0; {
		case !unseen:
			c.reach = everywhere
		case c.missing() == "":
			c.Hidden = true
		}
		tellings[i] = c.telling(l, e)
		tellings[i].seen = seen[i]
	}
	return tellings, nil
}

// reachedContact is a candidate, with what of a record's news reaches them.
type reachedContact struct {
	candidate
	reach
}

// telling is what the contact gets of the mail.
func (c reachedContact) telling(l Line, e email) Telling {
	t := Telling{Contact: c.Contact, Name: c.Name, Address: c.Address, Main: c.Main, rule: c.rule(l)}
	unseen := cmp.Or(c.shutOut(e), c.missing())
	t.Link = unseen == "" && c.Access != "active"
	t.Portal = unseen == "" && !t.Link
	switch {
	case c.Contact == e.except:
		t.Why = Author
	case t.rule == "":
		t.Why = NotAsked
	case unseen != "":
		t.Why = unseen
	case !c.Wanted:
		t.Why = Unwanted
	}
	t.Email = t.Why == ""
	t.phone = t.Portal && t.rule != "" && t.Why != Author && c.Phone && c.Person != 0 && l.Choice != ""
	return t
}

// shutOut is why the candidate sees nothing of what the mail is about, whatever
// their permissions.
func (c candidate) shutOut(e email) Reason {
	switch {
	case c.Archived:
		return Archived
	case c.Access == "suspended":
		return Suspended
	case c.byLink(e):
		return ""
	case c.Access == "none" && c.Address == "":
		return NoAddress
	case c.Access == "none":
		return NoAccess
	case c.Access == "invited":
		return NotAccepted
	}
	return ""
}

// reach is what of the conditions for seeing a record holds for a contact.
type reach struct {
	Right, Own, Site, Shown bool
	Area                    Area // of the record
	Hidden                  bool // the views say so, for a reason of their own
}

var everywhere = reach{Right: true, Own: true, Site: true, Shown: true}

// missing is the first condition that does not hold.
func (r reach) missing() Reason {
	switch {
	case !r.Right:
		return NoRight
	case !r.Own:
		return OwnOnly
	case !r.Site:
		return OtherSites
	case !r.Shown && r.Area == QuotesArea:
		return QuoteUnsent
	case !r.Shown:
		return TooOld
	case r.Hidden:
		return Hidden
	}
	return ""
}

// The areas of a record, beside those that mails are chosen by.
const (
	equipmentArea Area = "equipment"
	customerArea  Area = "customer" // its own files
)

// reached finds the candidates, the main contact first, with each condition for
// seeing the record on its own: what the portal's views say at once, in the words
// that people need before there is anything to see. The views decide what is
// sent; the tests of this package compare the two.
const reached = `
	with owner as materialized (
		select coalesce((select customer_id from jobs where id = @job), (select customer_id from quotes where id = @quote), (select customer_id from equipment where id = @equipment), @customer) as id
	), place as (
		select area, case when @drafted then nullif(@draft_contact::bigint, 0) else main end as main, case when @drafted then nullif(@draft_site::bigint, 0) else site end as site, aged, shown
		from (
			select 'jobs' as area, main_contact_id as main, site_id as site, aged_at as aged, true as shown from jobs where id = @job
			union all select 'quotes', main_contact_id, site_id, 'infinity', origin = 'portal' or sent_version is not null or @kind = 'quote-sent' from quotes where id = @quote
			union all select 'equipment', null, site_id, 'infinity', true from equipment where id = @equipment
			union all select @otherwise, null, null, 'infinity', true
		) r limit 1
	), cutoff as (
		select case s.age_limit
			when 'months' then business_day_start((business_day() - make_interval(months => s.age_limit_months))::date)
			when 'since' then business_day_start(s.age_limit_since)
			else '-infinity'::timestamptz end as at
		from portal_settings s
	)
	select found.*, p.area, false as hidden,
		case when c.access = 'none' then true when p.area = 'jobs' then c.jobs_see <> 'none' when p.area = 'quotes' then c.quotes_see <> 'none' when p.area = 'equipment' then c.equipment_see <> 'none'
			else c.jobs_see = 'all' or c.quotes_see = 'all' end as right,
		case when c.access = 'none' then coalesce(p.main = c.id, false) when p.area = 'jobs' then c.jobs_see = 'all' or coalesce(p.main = c.id, false) when p.area = 'quotes' then c.quotes_see = 'all' or coalesce(p.main = c.id, false) else true end as own,
		c.all_sites or (p.area <> 'customer' and exists (select from contact_sites cs where cs.contact_id = c.id and cs.site_id = p.site)) as site,
		p.shown and p.aged >= (select at from cutoff) as shown
	from (` + candidates + `c.customer_id = (select id from owner)) found) found
	join contacts c on c.id = found.contact, place p
	where found.main or found.asked or found.everything or @all or @ahead and found.contact in (
		select o.id from contacts o where o.customer_id = (select id from owner) and o.access = 'active' and o.archived_at is null order by o.id limit @others)
	order by found.main desc, found.everything desc, found.contact`

// reachArgs are the arguments of reached. Ahead of a deed, who only sees the
// record is found as well.
func (l Line) reachArgs(e email, ahead bool) pgx.NamedArgs {
	args := e.args()
	args["all"] = l.takesAll()
	args["ahead"], args["others"], args["otherwise"] = ahead, othersNamed, string(cmp.Or(l.area(), customerArea))
	return args
}
