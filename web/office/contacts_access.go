package officeweb

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"time"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/customer"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	officeview "fieldgate/templates/office"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// way is how a contact gets in: by a link, or by a password that staff have set.
type way struct {
	mail           bool
	password, hash string
}

// way reads how access is given, and adds what is wrong with the password to
// what is wrong with the rest.
func (h Contacts) way(ctx context.Context, r *http.Request, v staff.Viewer, f officeview.ContactForm, checked error) (way, problem.Set, error) {
	problems, _ := errors.AsType[problem.Set](checked)
	got := way{mail: f.Mail}
	if !f.Give || !f.Set {
		return got, problems, nil
	}
	got.password = form.Secret(r, "password")
	wrong, err := h.Hasher.Check(ctx, got.password, f.Name, f.Email, v.Business)
	if err != nil {
		return got, nil, err
	}
	if wrong != "" || len(problems) > 0 {
		problems = maps.Clone(problems)
		if problems == nil {
			problems = problem.Set{}
		}
		// It is not shown again, so it has to be typed again.
		problems.Unless(wrong == "", "password", wrong)
		problems.Add("password", "Enter the password once more.")
		return got, problems, nil
	}
	got.hash, err = h.Hasher.Hash(ctx, got.password)
	return got, problems, err
}

// let lets a contact in, and tells everybody concerned. What it returns is for
// passing on by hand when no mail was wanted.
func (h Contacts) let(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, way way) (pass officeview.PassOn, err error) {
	welcome := notify.Welcome{Contact: id}
	if way.hash != "" {
		granted, err := signin.WithPassword(ctx, tx, by, id, way.hash)
		if err != nil {
			return pass, err
		}
		// Staff are shown the same for an address that is known already.
		pass.Password = way.password
		welcome.Link = granted.Link
		if granted.Password {
			welcome.Password = way.password
		}
	} else {
		if welcome.Link, err = signin.Contact(ctx, tx, by, id); err != nil {
			return pass, err
		}
		if !way.mail {
			token, err := signin.Token(ctx, tx, welcome.Link)
			if err != nil {
				return pass, err
			}
			pass.Link = h.BaseURL + route.Welcome(token)
		}
	}
	if way.mail {
		if err := h.Notify.Welcome(ctx, tx, welcome); err != nil {
			return pass, err
		}
	}
	return pass, h.Notify.ContactAccess(ctx, tx, id, "invited")
}

// passOn shows what is passed on by hand, in the answer itself: it is kept
// nowhere and stands in no address.
func (h Contacts) passOn(w http.ResponseWriter, r *http.Request, v staff.Viewer, cu customer.Customer, id int64, d contact.Details, pass officeview.PassOn) error {
	pass.Page = officeview.Page(v, "Pass on access", route.OfficeCustomers)
	pass.Number, pass.ID, pass.Name, pass.Email, pass.SignInURL = cu.Number, id, d.Name, d.Email, h.BaseURL+route.Login
	return page.Render(w, r, http.StatusOK, officeview.PassOnAccess(pass))
}

// AskInvitation asks before an invitation is sent again.
func (h Contacts) AskInvitation(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Send the invitation again?", Text: c.Name + " gets the welcome email with a new link at " + c.Email + ". The link works once, for 7 days. Links sent before stop working.",
			Points: []string{knownWords},
			Action: contactURL(cu.Number, c.ID, "invitation"), Label: "Send again", Look: ui.Primary,
			Keys: []ui.Pair{{Name: "invited", Value: invitedKey(c.InvitedAt)}, {Name: "email_notification", Value: "on"}},
		}
	})
}

// knownWords stand wherever an invitation is made: they are the same whether or
// not the address belongs to a person.
const knownWords = "If the address already signs in to the portal, its password stays as it is; the link adds this customer to what they see."

// AskLink asks before a link is made that staff pass on by hand.
func (h Contacts) AskLink(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Make a link for " + c.Name + "?", Text: "The next page shows a new link once, for you to copy and pass on. It works once, for 7 days. No email is sent, and links sent before stop working.",
			Points: []string{"Whoever has the link can enter as " + c.Name + ": give it to nobody else.", knownWords},
			Action: contactURL(cu.Number, c.ID, "invitation"), Label: "Show the link", Look: ui.Primary,
			Keys: []ui.Pair{{Name: "invited", Value: invitedKey(c.InvitedAt)}},
		}
	})
}

// invitedKey names an invitation, so that a second press sends no second one.
func invitedKey(at *time.Time) string {
	if at == nil {
		return ""
	}
	return strconv.FormatInt(at.UnixMicro(), 10)
}

// Invite sends the invitation again.
func (h Contacts) Invite(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	ctx := r.Context()
	cu, c, err := h.find(r)
	if err != nil {
		return err
	}
	mail := form.Check(r, "email_notification")
	var (
		pass officeview.PassOn
		sent bool
	)
	err = postgres.Transact(ctx, h.Pool, func(tx postgres.Tx) error {
		now, err := contact.Lock(ctx, tx, cu.ID, c.ID)
		switch {
		case err != nil:
			return err
		case now.Access == contact.NoAccess:
			return apperr.Conflictf("%s has no access to the portal yet. Edit the contact to choose permissions first.", now.Name)
		case now.Access == contact.Invited && form.Text(r, "invited") != invitedKey(now.InvitedAt):
			return nil // sent by another press
		}
		sent = true
		pass, err = h.let(ctx, tx, v.Actor(), c.ID, way{mail: mail})
		return err
	})
	if err != nil {
		return err
	}
	if sent && !mail {
		return h.passOn(w, r, v, cu, c.ID, c.Details, pass)
	}
	words := "The invitation goes to " + c.Email + "."
	if !sent {
		words = "An invitation has just been made already."
	}
	session.Flash(ctx, words)
	return page.Redirect(w, r, contactURL(cu.Number, c.ID))
}

// AskSuspension asks before access is suspended.
func (h Contacts) AskSuspension(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		return officeview.Confirmation{
			Title: "Suspend " + c.Name + "?", Text: c.Name + " is shut out of " + cu.Name + "'s portal from the next page on, also where signed in at this moment. Open invitations stop working.",
			Points: []string{"Permissions are kept. You can restore access at any time. What the same person may see of other customers is not touched."},
			Action: contactURL(cu.Number, c.ID, "suspension"), Label: "Suspend", Look: ui.Danger,
		}
	})
}

// Suspend takes access away.
func (h Contacts) Suspend(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		changed, err := contact.Suspend(ctx, tx, v.Actor(), cu.ID, c.ID)
		if err != nil || !changed {
			return c.Name + " is suspended.", err
		}
		if err := signin.End(ctx, tx, c.ID); err != nil {
			return "", err
		}
		return c.Name + " was suspended.", h.Notify.ContactAccess(ctx, tx, c.ID, "suspended")
	})
}

// AskRestoration asks before access is given back.
func (h Contacts) AskRestoration(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.ask(w, r, v, func(cu customer.Customer, c contact.Contact) officeview.Confirmation {
		text := c.Name + " can enter the portal again with the same permissions as before."
		if c.PersonID == 0 {
			text = c.Name + " had not come in yet: a new invitation goes to " + c.Email + "."
		}
		return officeview.Confirmation{Title: "Restore access of " + c.Name + "?", Text: text, Action: contactURL(cu.Number, c.ID, "restoration"), Label: "Restore access", Look: ui.Primary}
	})
}

// Reinstate gives suspended access back.
func (h Contacts) Reinstate(w http.ResponseWriter, r *http.Request, v staff.Viewer) error {
	return h.change(w, r, func(ctx context.Context, tx postgres.Tx, cu customer.Customer, c contact.Contact) (string, error) {
		access, changed, err := contact.Restore(ctx, tx, v.Actor(), cu.ID, c.ID)
		if err != nil || !changed {
			return c.Name + " is not suspended.", err
		}
		if access == contact.Invited && c.PersonID == 0 {
			link, err := signin.Contact(ctx, tx, v.Actor(), c.ID)
			if err != nil {
				return "", err
			}
			if err := h.Notify.Welcome(ctx, tx, notify.Welcome{Contact: c.ID, Link: link}); err != nil {
				return "", err
			}
		}
		return "Access of " + c.Name + " was restored.", h.Notify.ContactAccess(ctx, tx, c.ID, "restored")
	})
}
