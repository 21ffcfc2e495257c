package portal

import (
	"context"
	"slices"

	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
)

// MailChoices are the emails that the contact may choose about: of the areas
// that they see. Those about their own access are always sent.
func (r *Reader) MailChoices(ctx context.Context, v Viewer) (notify.Choices, error) {
	var emails, phone []madeChoice
	err := r.readOne(ctx, v, func(b *postgres.Batch) {
		postgres.Query(b, &emails, `select kind, wanted from portal.mail_choices`, nil)
		postgres.Query(b, &phone, `select kind, wanted from portal.push_choices`, nil)
	})
	if err != nil {
		return notify.Choices{}, err
	}
	c := notify.ChoicesOf(notify.Made{Emails: byKind(emails), Phone: byKind(phone)})
	kinds := c.Kinds[:0]
	for _, k := range c.Kinds {
		if v.hearsOf(k.Area) {
			kinds = append(kinds, k)
		}
	}
	c.Kinds = kinds
	return c, nil
}

type madeChoice struct {
	Kind   string
	Wanted bool
}

func byKind(all []madeChoice) map[string]bool {
	chosen := map[string]bool{}
	for _, m := range all {
		chosen[m.Kind] = m.Wanted
	}
	return chosen
}

func (v Viewer) hearsOf(a notify.Area) bool {
	switch a {
	case notify.JobsArea:
		return v.SeesJobs()
	case notify.QuotesArea:
		return v.SeesQuotes()
	}
	return v.SeesJobs() || v.SeesQuotes() || v.SeesEquipment()
}

// ChooseMails replaces the contact's choices: the kinds that are wanted by email
// and on their phone, and whether about everything the contact may see. What was
// not asked about stays: without phones, notifications were not.
func (d *Service) ChooseMails(ctx context.Context, v Viewer, emails, phone []notify.Kind, phones, all bool) error {
	return d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		asked := map[notify.Kind]notify.Want{}
		for _, k := range notify.ChoicesOf(notify.Made{}).Kinds {
			if now.hearsOf(k.Area) {
				asked[k.Kind] = notify.Want{Email: slices.Contains(emails, k.Kind), Phone: slices.Contains(phone, k.Kind)}
			}
		}
		return notify.SaveChoices(ctx, tx, now.Actor(), now.Contact, asked, phones, all)
	})
}
