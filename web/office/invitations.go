package officeweb

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// mostInvitations is how many contacts are invited at once: more than a page
// of a list holds, and few enough for one transaction.
const mostInvitations = 200

// AskInvitations says who of the ticked contacts would get a mail, and who would not.
func (h Contacts) AskInvitations(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	back := listOf(r.URL.Query().Get("customer"))
	rows, err := contact.Ticked(r.Context(), h.Pool, ids(r.URL.Query()["contact"]))
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		session.Warn(r.Context(), "Nobody was ticked. Tick the contacts to invite first.")
		return page.Redirect(w, r, back)
	}
	view := officeview.Invitations{Page: officeview.Page(v, "Invite contacts", route.OfficeCustomers), BackURL: back, Customer: r.URL.Query().Get("customer"), Format: v.Format}
	for _, row := range rows {
		if why := row.NotInvitable(); why != "" {
			view.Skipped = append(view.Skipped, officeview.Skipped{Row: row, Why: why})
			continue
		}
		view.Invited = append(view.Invited, row)
		view.Keys = append(view.Keys, ui.Pair{Name: "contact", Value: invitationKey(row.Contact)})
		view.New += count(row.Access == contact.NoAccess)
	}
	return page.Render(w, r, http.StatusOK, officeview.AskInvitations(view))
}

// InviteMany invites the contacts that were asked about, all or none. Whoever
// was invited since, by another press or by somebody else, is left alone.
func (h Contacts) InviteMany(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	keys := map[int64]string{}
	for _, key := range form.Many(r, "contact") {
		id, _, _ := strings.Cut(key, "/")
		for _, id := range ids([]string{id}) {
			keys[id] = key
		}
	}
	preset, ok := contact.PresetRights(form.Text(r, "preset"))
	if !ok {
		preset = contact.Presets[0].Rights
	}
	preset.AllSites = true
	var (
		sent    int
		skipped []string
	)
	err := postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		sent, skipped = 0, nil
		rows, err := contact.Ticked(ctx, tx, ids(keysOf(keys)))
		if err != nil {
			return err
		}
		slices.SortFunc(rows, func(a, b contact.Row) int { return cmp.Compare(a.ID, b.ID) }) // locks are always taken in this order
		for _, row := range rows {
			if row.Contact, err = contact.Lock(ctx, tx, row.CustomerID, row.ID); err != nil {
				return err
			}
			why := row.NotInvitable()
			if why == "" && invitationKey(row.Contact) != keys[row.ID] {
				why = "invited or changed a moment ago"
			}
			if why != "" {
				skipped = append(skipped, row.Name+" ("+why+")")
				continue
			}
			if err := h.inviteOne(ctx, tx, v.Actor(), row.Contact, preset); err != nil {
				return err
			}
			sent++
		}
		return nil
	})
	if err != nil {
		return err
	}
	words := officeview.InvitationsSent(sent)
	if len(skipped) > 0 {
		session.Warn(ctx, words+" Not invited: "+shortened(skipped)+".")
	} else {
		session.Flash(ctx, words)
	}
	return page.Redirect(w, r, listOf(form.Text(r, "customer")))
}

// inviteOne invites one of many: who had no access gets the rights chosen for all of those.
func (h Contacts) inviteOne(ctx context.Context, tx postgres.Tx, by audit.Actor, c contact.Contact, rights contact.Permissions) error {
	if c.Access == contact.NoAccess {
		if _, _, err := contact.Edit(ctx, tx, by, c.CustomerID, c.ID, c.Version, contact.Change{Details: c.Details, Permissions: rights, Portal: true}); err != nil {
			return err
		}
	}
	_, err := h.let(ctx, tx, by, c.ID, way{mail: true})
	return err
}

// invitationKey names a contact as it was asked about, so that a second press invites nobody twice.
func invitationKey(c contact.Contact) string {
	return fmt.Sprintf("%d/%s/%s", c.ID, c.Access, invitedKey(c.InvitedAt))
}

func listOf(number string) string {
	if number == "" {
		return route.OfficeContacts
	}
	return route.OfficeCustomer(number, "contacts")
}

func keysOf(keys map[int64]string) []string {
	out := make([]string, 0, len(keys))
	for id := range keys {
		out = append(out, strconv.FormatInt(id, 10))
	}
	return out
}

func ids(texts []string) []int64 {
	var out []int64
	for _, t := range texts {
		if id, err := strconv.ParseInt(t, 10, 64); err == nil && id > 0 && !slices.Contains(out, id) && len(out) < mostInvitations {
			out = append(out, id)
		}
	}
	return out
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// shortened names the first few of many.
func shortened(words []string) string {
	const most = 5
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return strings.Join(words[:most], ", ") + fmt.Sprintf(" and %d more", len(words)-most)
}
