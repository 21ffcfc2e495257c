package notify

import (
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// shownOfRecord is how many emails stand on a record's page.
const shownOfRecord = 8

// Record is a job or a quote.
type Record struct{ Job, Quote int64 }

// QueryOfRecord adds the query for where the news of a record went: the newest
// emails to its customer, and those that its customer did not get.
func QueryOfRecord(b *postgres.Batch, into *[]Entry, r Record) {
	postgres.Query(b, into, `
		select `+entryColumns+` from emails e
		where e.id in (select id from emails where job_id = @job union all select id from emails where quote_id = @quote) and e.kind = any(@kinds)
		order by e.created_at desc, e.id desc limit @most`,
		pgx.NamedArgs{"job": r.Job, "quote": r.Quote, "kinds": kindsOf(Customer), "most": shownOfRecord})
}

// QueryInvitation adds the query for the newest invitation to a contact: one
// row, or none.
func QueryInvitation(b *postgres.Batch, into *[]Entry, contact int64) {
	postgres.Query(b, into, `
		select `+entryColumns+` from emails e where e.contact_id = @contact and e.kind = @kind order by e.created_at desc, e.id desc limit 1`,
		pgx.NamedArgs{"contact": contact, "kind": string(KindWelcome)})
}

// newestInvitation asks something of the newest invitation to the contact c.
func newestInvitation(c, what string) string {
	return "(select " + what + " from emails e where e.contact_id = " + c + ".id and e.kind = '" + string(KindWelcome) + "' order by e.created_at desc, e.id desc limit 1)"
}

// InvitationLostSQL is true of a contact c whose newest invitation did not arrive.
func InvitationLostSQL(c string) string {
	return "coalesce(" + newestInvitation(c, UndeliveredSQL("e")) + ", false)"
}

// InvitationWordsSQL is what the mail server said last of the newest invitation to a contact c.
func InvitationWordsSQL(c string) string { return newestInvitation(c, "e.server_words") }

// kindsOf are the kinds of mail to an audience.
func kindsOf(a Audience) (kinds []string) {
	for _, l := range table {
		if l.Audience == a {
			kinds = append(kinds, string(l.Kind))
		}
	}
	return kinds
}

// Undelivered is, to filters, the state of emails that did not arrive.
const Undelivered State = "undelivered"

// UndeliveredSQL is true of an email t that did not arrive and was not sent again
// since (looked up for each, not joined: all emails would be read): the mail server refused it for good, or, in the last 14 days, it was not
// sent for a reason that somebody can do something about. What only reminds of
// something was missed when that was told, and is no news.
func UndeliveredSQL(t string) string {
	return strings.ReplaceAll(`(t.state = 'failed' or t.created_at > now() - interval '14 days' and t.kind not in ('visit-reminder', 'quote-expiring', 'document-ending') and t.reason in ('`+strings.Join(needing(), "', '")+`'))
	and (select true from emails again where again.again_of = t.id limit 1) is null`, "t.", t+".")
}

// needing are the reasons that somebody can do something about.
func needing() (all []string) {
	for _, r := range reasons {
		if r.Needs() {
			all = append(all, string(r))
		}
	}
	return all
}
