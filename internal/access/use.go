package access

import (
	"context"
	"fmt"

	"fieldgate/internal/contact"
	"fieldgate/internal/list"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// Stage is how far a contact has come with the portal, and so what helps.
type Stage string

// The stages. AnyStage is the choice of all of them, in a list.
const (
	AnyStage     Stage = ""
	NotInvited   Stage = "not-invited"
	NotDelivered Stage = "not-delivered" // invited, and the invitation did not arrive
	LinkExpired  Stage = "expired"       // invited, and the link works no more
	Waiting      Stage = "waiting"       // invited, and the link works
	SignedIn     Stage = "signed-in"     // within LatelyDays
	Away         Stage = "away"          // has access, and did not sign in for that long
)

// Stages are the choices above the list, in the order they are offered.
var Stages = []Stage{AnyStage, NotInvited, NotDelivered, LinkExpired, Waiting, SignedIn, Away}

// LatelyDays is how long ago somebody may have signed in who still counts as coming.
const LatelyDays = 90

// AnswerDays is how far back answers are counted: people come four times a year.
const AnswerDays = 365

// AnswerWay is how a contact answers quotes, visits and messages.
type AnswerWay string

// The ways; in person and by letter stand with the telephone, since staff write
// all three down.
const (
	ByPortal AnswerWay = "portal"
	ByEmail  AnswerWay = "email"
	ByPhone  AnswerWay = "phone"
)

// AnswerWays are the ways, in the order they are offered.
var AnswerWays = []AnswerWay{ByPortal, ByEmail, ByPhone}

// UseFilter narrows the list of who uses the portal. Whoever is suspended or
// archived is never in it: nobody waits for them.
type UseFilter struct {
	Stage   Stage
	Answers AnswerWay // only who has answered that way; "" for all
}

// Use is how a contact uses the portal.
type Use struct {
	contact.Row
	Stage Stage
	// Answers of the last AnswerDays, by way.
	ByPortal, ByEmail, ByPhone int
	ServerWords                string // what the mail server said of an invitation that did not arrive
}

// stage is a contact's, in SQL.
var stage = fmt.Sprintf(`case c.access
	when 'none' then '%s'
	when 'invited' then case when (%s) then '%s' when %s then '%s' else '%s' end
	else case when c.last_sign_in_at > now() - interval '%d days' then '%s' else '%s' end end`,
	NotInvited, notify.InvitationLostSQL("c"), NotDelivered, signin.InvitationOpenSQL("c"), Waiting, LinkExpired, LatelyDays, SignedIn, Away)

// accessOf is the access that those of a stage have: an index knows it.
var accessOf = map[Stage]contact.Access{
	NotInvited: contact.NoAccess, NotDelivered: contact.Invited, LinkExpired: contact.Invited, Waiting: contact.Invited, SignedIn: contact.Active, Away: contact.Active,
}

// answers are where a contact's answers of a way stand, as queries for one row each.
var answers = map[AnswerWay][]string{
	ByPortal: {
		`select from messages m where m.contact_id = c.id and not m.by_email and m.at > now() - interval '%[1]d days'`,
		`select from acceptances a where a.contact_id = c.id and a.way = 'portal' and a.at > now() - interval '%[1]d days'`,
		`select from visit_answers v where v.contact_id = c.id and v.at > now() - interval '%[1]d days'`,
	},
	ByEmail: {
		`select from messages m where m.contact_id = c.id and m.by_email and m.at > now() - interval '%[1]d days'`,
		`select from acceptances a where a.contact_id = c.id and a.way = 'email' and a.at > now() - interval '%[1]d days'`,
	},
	ByPhone: {`select from acceptances a where a.contact_id = c.id and a.way in ('phone', 'in person', 'letter') and a.at > now() - interval '%[1]d days'`},
}

// answered joins what a contact's answers of a way give, each made by make.
func answered(way AnswerWay, each, between string) (sql string) {
	for i, query := range answers[way] {
		if i > 0 {
			sql += between
		}
		sql += fmt.Sprintf(each, fmt.Sprintf(query, AnswerDays))
	}
	return "(" + sql + ")"
}

const counted = `(select count(*) from (%s limit 1000) counted)`

// QueryUse adds the list of who uses the portal, and who does not, to a batch.
func QueryUse(b *postgres.Batch, into *list.Page[Use], q list.Query, f UseFilter) {
	s := useSource(q, f)
	s.Columns += fmt.Sprintf(`, %s as stage, %s as by_portal, %s as by_email, %s as by_phone, %s as server_words`, stage,
		answered(ByPortal, counted, " + "), answered(ByEmail, counted, " + "), answered(ByPhone, counted, " + "),
		`case when c.access = 'invited' then coalesce(`+notify.InvitationWordsSQL("c")+`, '') else '' end`)
	list.QueryPage(b, into, q, contact.Orders, s)
}

// ListUse is QueryUse by itself.
func ListUse(ctx context.Context, db postgres.DB, q list.Query, f UseFilter) (page list.Page[Use], err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryUse(b, &page, q, f) }); err != nil {
		return page, fmt.Errorf("who uses the portal: %w", err)
	}
	return page, nil
}

// QueryStages tells how many contacts are at each stage, up to 1,001.
func QueryStages(b *postgres.Batch, q list.Query, f UseFilter) map[Stage]int {
	return list.QueryCounts(b, Stages, func(s Stage) list.Source {
		f.Stage = s
		return useSource(q, f)
	})
}

func useSource(q list.Query, f UseFilter) list.Source {
	s := contact.Source(q, contact.Filter{})
	s.Where.And("c.access <> 'suspended'")
	if access, ok := accessOf[f.Stage]; ok {
		s.Where.And(list.Is("c.access", access) + " and " + list.Is(stage, f.Stage))
	}
	if _, ok := answers[f.Answers]; ok {
		s.Where.And(answered(f.Answers, "exists (%s)", " or "))
	}
	return s
}
