package notify

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// About is the record that contacts are told of. Of one that is not stored yet
// only the customer is known, and its Draft.
type About struct {
	Job, Quote, Equipment int64
	Customer              int64 // where there is no record
	Draft                 *Draft
}

// customerOf is the customer of the record, in SQL.
const customerOf = `coalesce((select customer_id from jobs where id = @job), (select customer_id from quotes where id = @quote), (select customer_id from equipment where id = @equipment), @customer)`

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
	Why     Reason

	rule string
	seen []int64 // of what the mail tells of, what the contact may see
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
	NotSent     Reason = "not-sent"   // the quote, so that nobody sees it
	Hidden      Reason = "hidden"     // the files or the message
	Unwanted    Reason = "unwanted"   // chose not to get emails of the kind
	NotAsked    Reason = "not-asked"  // neither the main contact, nor chose to hear of everything
	Author      Reason = "author"     // did it
)

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
		return "the contact may not see the " + thing + ": they see only those of which they are the main contact"
	case OtherSites:
		return "the contact may not see the " + thing + ": they see other sites only"
	case TooOld:
		return "the contact may not see the " + thing + ": it is older than the portal shows"
	case NotSent:
		return "the contact may not see the " + thing + ": the quote is not sent yet"
	case Unwanted:
		return "the contact does not want these emails"
	case NotAsked:
		return "the contact has not asked to hear of everything"
	case Author:
		return "the contact did it"
	case Hidden:
	}
	if thing == "files" {
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
// that the sending asks, too. What is still hidden is taken as shown: the
// question is what comes of the deed.
func WouldTell(ctx context.Context, db postgres.DB, kind Kind, about About) ([]Telling, error) {
	l, known := lineOf(kind)
	if !known || l.Audience != Customer {
		return nil, fmt.Errorf("ask who would be told: contacts get no email of kind %q", kind)
	}
	e := email{Kind: kind, Customer: about.Customer, Job: about.Job, Quote: about.Quote, Payload: Payload{Equipment: about.Equipment}, draft: about.Draft}
	return l.tellings(ctx, db, e, true)
}

// tellings are what contacts get of the mail, the main contact first: what is
// sent goes by it, and what would be is said by it. Ahead of a deed, what the
// mail tells of is not there to be looked at, and who only sees the record is
// told of as well.
func (l Line) tellings(ctx context.Context, db postgres.DB, e email, ahead bool) ([]Telling, error) {
	args := e.args()
	args["ahead"], args["others"] = ahead, othersNamed
	rows, err := db.Query(ctx, candidates+`c.customer_id = `+customerOf+`) found
		where main or asked or everything or @ahead and contact in (
			select o.id from contacts o where o.customer_id = @customer and o.access = 'active' and o.archived_at is null order by o.id limit @others)
		order by main desc, everything desc, contact`, args)
	if err != nil {
		return nil, fmt.Errorf("read who is told: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[candidate])
	if err != nil {
		return nil, fmt.Errorf("read who is told: %w", err)
	}
	area, err := l.place(ctx, db, e, args)
	if err != nil {
		return nil, err
	}
	reaches, seen, contacts := make([]reach, len(found)), make([][]int64, len(found)), make([]views.Contact, len(found))
	for i, c := range found {
		contacts[i] = c.eyes()
	}
	err = views.ReadEach(ctx, db, contacts, func(b *postgres.Batch, i int) {
		postgres.QueryOne(b, &reaches[i], reachOf[area], args)
		if !ahead {
			postgres.QueryValues(b, &seen[i], l.visible, args)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("ask what contacts may see: %w", err)
	}
	tellings := make([]Telling, 0, len(found))
	for i, c := range found {
		t := Telling{Contact: c.Contact, Name: c.Name, Address: c.Address, Main: c.Main, rule: c.rule(l), seen: seen[i]}
		unseen := cmp.Or(c.shutOut(), reaches[i].missing(area))
		if unseen == "" && !ahead && len(t.seen) == 0 {
			unseen = Hidden
		}
		t.Portal = unseen == ""
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
		if t.Email = t.Why == ""; t.rule != "" || t.Portal {
			tellings = append(tellings, t)
		}
	}
	return tellings, nil
}

// shutOut is why the candidate sees nothing in the portal at all.
func (c candidate) shutOut() Reason {
	switch {
	case c.Archived:
		return Archived
	case c.Access == "suspended":
		return Suspended
	case c.Access == "none" && c.Address == "":
		return NoAddress
	case c.Access == "none":
		return NoAccess
	case c.Access == "invited":
		return NotAccepted
	}
	return ""
}

// reach is what of the rule of the portal's views holds for a contact and a record.
type reach struct{ Area, Own, Site, Shown bool }

func (r reach) missing(area Area) Reason {
	switch {
	case !r.Area:
		return NoRight
	case !r.Own:
		return OwnOnly
	case !r.Site:
		return OtherSites
	case !r.Shown && area == QuotesArea:
		return NotSent
	case !r.Shown:
		return TooOld
	}
	return ""
}

// The areas of a record, beside those that mails are chosen by.
const (
	equipmentArea Area = "equipment"
	customerArea  Area = "customer" // its own files
)

// reachOf asks the conditions that the views consist of one by one, of a record
// by its main contact, site and age. They are the views' own functions: the rule
// is not repeated here.
var reachOf = map[Area]string{
	JobsArea:      `select portal.jobs_customer() is not null as area, coalesce(portal.among_jobs(@main), false) as own, coalesce(portal.at_site(@site), false) as site, coalesce(@aged::timestamptz >= portal.cutoff(), false) as shown`,
	QuotesArea:    `select portal.quotes_customer() is not null as area, coalesce(portal.among_quotes(@main), false) as own, coalesce(portal.at_site(@site), false) as site, portal.quote_shown(@origin, @sent) as shown`,
	equipmentArea: `select portal.equipment_customer() is not null as area, true as own, coalesce(portal.at_site(@site), false) as site, true as shown`,
	customerArea:  `select portal.all_jobs() is not null or portal.all_quotes() is not null as area, true as own, portal.all_sites() is not null as site, true as shown`,
}

// place adds to args by which of its main contact, site and age a record is
// seen, and returns the area it is in. A quote that is being sent counts as sent.
func (l Line) place(ctx context.Context, db postgres.DB, e email, args pgx.NamedArgs) (area Area, err error) {
	var (
		main, site   *int64
		aged, origin string
		sent         *int
	)
	args["otherwise"] = string(cmp.Or(l.area(), customerArea))
	err = db.QueryRow(ctx, `
		select area, case when @drafted then nullif(@draft_contact::bigint, 0) else main end, case when @drafted then nullif(@draft_site::bigint, 0) else site end, aged::text, origin, case when @kind = 'quote-sent' then 1 else sent end
		from (
			select 'jobs' as area, main_contact_id as main, site_id as site, aged_at as aged, origin, null::integer as sent from jobs where id = @job
			union all select 'quotes', main_contact_id, site_id, 'infinity', origin, sent_version from quotes where id = @quote
			union all select 'equipment', null, site_id, 'infinity', '', null from equipment where id = @equipment
			union all select @otherwise, null, null, 'infinity', '', null
		) r limit 1`, args).Scan(&area, &main, &site, &aged, &origin, &sent)
	if err != nil {
		return "", fmt.Errorf("read what contacts are told of: %w", err)
	}
	args["main"], args["site"], args["aged"], args["origin"], args["sent"] = main, site, aged, origin, sent
	return area, nil
}
