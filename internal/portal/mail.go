package portal

import (
	"context"

	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
)

// MailChoices are the emails that the contact may choose about: of the areas
// that they see. Those about their own access are always sent.
func (r *Reader) MailChoices(ctx context.Context, v Viewer) (notify.Choices, error) {
	var made []struct {
		Kind   string
		Wanted bool
	}
	err := r.readOne(ctx, v, func(b *postgres.Batch) { postgres.Query(b, &made, `select kind, wanted from portal.mail_choices`, nil) })
	if err != nil {
		return notify.Choices{}, err
	}
	chosen := map[string]bool{}
	for _, m := range made {
		chosen[m.Kind] = m.Wanted
	}
	c := notify.ChoicesOf(chosen)
	kinds := c.Kinds[:0]
	for _, k := range c.Kinds {
		if v.hearsOf(k.Area) {
			kinds = append(kinds, k)
		}
	}
	c.Kinds = kinds
	return c, nil
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

// ChooseMails replaces the contact's choices: the kinds that are wanted, and
// whether about everything the contact may see. What was not asked about stays.
func (d *Service) ChooseMails(ctx context.Context, v Viewer, wanted []notify.Kind, all bool) error {
	return d.transact(ctx, v, func(Viewer) bool { return true }, func(tx postgres.Tx, now Viewer) error {
		asked := map[notify.Kind]bool{}
		for _, k := range notify.ChoicesOf(nil).Kinds {
			if now.hearsOf(k.Area) {
				asked[k.Kind] = false
			}
		}
		for _, k := range wanted {
			if _, ok := asked[k]; ok {
				asked[k] = true
			}
		}
		return notify.SaveChoices(ctx, tx, now.Actor(), now.Contact, asked, all)
	})
}
