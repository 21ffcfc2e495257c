package officeweb

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"fieldgate/internal/contact"
	"fieldgate/internal/office"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// AskInvitations says who of the ticked contacts would get a mail, and who would not.
func (h Contacts) AskInvitations(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	back := form.Next(r, listOf(r.URL.Query().Get("customer")))
	rows, err := contact.Ticked(r.Context(), h.DB, ids(r.URL.Query()["contact"]))
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		session.Warn(r.Context(), "Tick the contacts to invite first.")
		return page.Redirect(w, r, back)
	}
	view := officeview.Invitations{Page: officeview.Page(v, "Invite contacts", route.OfficeCustomers), BackURL: back, Customer: r.URL.Query().Get("customer"), Next: r.URL.Query().Get("next"), Format: v.Format}
	for _, row := range rows {
		if why := row.NotInvitable(); why != "" {
			view.Skipped = append(view.Skipped, officeview.Skipped{Row: row, Why: why})
			continue
		}
		view.Invited = append(view.Invited, row)
		view.Keys = append(view.Keys, ui.Pair{Name: "contact", Value: row.StateKey()})
		view.New += count(row.Access == contact.NoAccess)
	}
	return page.Render(w, r, http.StatusOK, officeview.AskInvitations(view))
}

// InviteMany invites the contacts that were asked about, all or none. Whoever
// was invited since, by another press or by somebody else, is left alone.
func (h Contacts) InviteMany(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	asked := map[int64]string{}
	for _, key := range form.Many(r, "contact") {
		id, _, _ := strings.Cut(key, "/")
		for _, id := range ids([]string{id}) {
			if len(asked) < office.MaxInvitations {
				asked[id] = key
			}
		}
	}
	permissions, ok := contact.PresetPermissions(form.Text(r, "preset"))
	if !ok {
		permissions, _ = contact.PresetPermissions(contact.Presets[0].Key)
	}
	done, err := h.Office.InviteContacts(ctx, v, asked, permissions)
	if err != nil {
		return err
	}
	words := officeview.InvitationsSent(done.Sent)
	if len(done.Skipped) > 0 {
		skipped := make([]string, 0, len(done.Skipped))
		for _, s := range done.Skipped {
			skipped = append(skipped, s.Name+" ("+s.Why+")")
		}
		session.Warn(ctx, words+" Not invited: "+shortened(skipped)+".")
	} else {
		session.Flash(ctx, words)
	}
	return page.Redirect(w, r, form.Next(r, listOf(form.Text(r, "customer"))))
}

func listOf(number string) string {
	if number == "" {
		return route.OfficeContacts
	}
	return route.OfficeCustomer(number, "contacts")
}

func ids(texts []string) []int64 {
	var out []int64
	for _, t := range texts {
		if id, err := strconv.ParseInt(t, 10, 64); err == nil && id > 0 && !slices.Contains(out, id) && len(out) < office.MaxInvitations {
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
