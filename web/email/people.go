package email

import (
	"fmt"

	"fieldgate/internal/invite"
	"fieldgate/internal/notify"
	emailview "fieldgate/templates/email"
	"fieldgate/templates/route"
)

// invitation is the welcome email.
func (r Renderer) invitation(b notify.Business, c notify.Invitation) emailview.Letter {
	l := emailview.Letter{
		Subject:   "Welcome to the " + b.TradingName + " customer portal",
		Preheader: "Jobs, quotes and equipment of " + c.Customer + ", all in one place.",
		Heading:   "Welcome to your customer portal",
		Reason:    fmt.Sprintf("You get this email because %s has given you access to its portal for %s. If you did not expect it, you can ignore it.", b.TradingName, c.Customer),
	}
	intro := emailview.Paragraph(fmt.Sprintf("%s has opened its customer portal to you. There you see the work done for %s: jobs and when they are booked, photos and documents, quotes and equipment, as far as they concern you.",
		b.TradingName, c.Customer))
	switch {
	case c.Password != "":
		l.Blocks = []emailview.Block{
			greeting(c.Contact), intro,
			emailview.Paragraph("Sign in with these details. You will then choose a password that only you know."),
			emailview.Facts{
				{Label: "Sign-in page", Value: r.link(route.Login)},
				{Label: "Email Address", Value: c.Email},
				{Label: "Password", Value: c.Password, Code: true},
			},
			emailview.Button{Label: "Log In", URL: r.link(route.Login)},
			emailview.Note("Please delete this email once you have signed in."),
		}
	case c.Known:
		l.Preheader = "Add " + c.Customer + " to the sign-in you already have."
		l.Blocks = []emailview.Block{
			greeting(c.Contact), intro,
			emailview.Paragraph("You already sign in to this portal as " + c.Email + ". Open the link to add " + c.Customer + "; your password stays the same."),
			emailview.Button{Label: "Add " + c.Customer, URL: r.link(route.Welcome(c.Token))},
			emailview.Note("The link works once, for " + life(invite.Invitation.Life()) + ". If it has expired, opening it offers you a new one."),
		}
	default:
		l.Blocks = []emailview.Block{
			greeting(c.Contact), intro,
			emailview.Paragraph("Choose a password to get started. From then on you sign in at " + r.site() + " as " + c.Email + "."),
			emailview.Button{Label: "Choose your password", URL: r.link(route.Welcome(c.Token))},
			emailview.Note("The link works once, for " + life(invite.Invitation.Life()) + ". If it has expired, opening it offers you a new one."),
		}
	}
	return l
}

// pricedQuote tells the main contact that a quote has its price.
func (r Renderer) pricedQuote(b notify.Business, q notify.PricedQuote) emailview.Letter {
	title := short(firstOf(q.Name, q.Description))
	// With or without tax is part of the price.
	total := b.Format.Money(q.Total, q.Currency)
	if q.Tax != 0 {
		total += " including tax of " + b.Format.Money(q.Tax, q.Currency)
	}
	l := emailview.Letter{
		Subject:   "Your quote " + q.Number + " from " + b.TradingName + ": " + title,
		Preheader: "The price and all details are ready for you to read.",
		Heading:   "Your quote is ready",
		Reason:    "You get this email because you are the main contact of this quote.",
		Blocks: []emailview.Block{
			greeting(q.Contact),
			emailview.Paragraph(fmt.Sprintf("%s has sent you quote %s.", b.TradingName, q.Number)),
			emailview.Facts{
				{Label: "Quote", Value: q.Number},
				{Label: "For", Value: title},
				{Label: "Site", Value: q.Site},
				{Label: "Total", Value: total},
				{Label: "Valid until", Value: b.Format.Day(q.ValidUntil)},
			},
			emailview.Button{Label: "View the quote", URL: r.link(route.Quote(q.Number))},
		},
	}
	if b.Phone != "" {
		l.Blocks = append(l.Blocks, emailview.Note("Questions? Reply to this email or call "+b.Phone+"."))
	}
	return l
}

// reset lets a person choose a new password.
func (r Renderer) reset(b notify.Business, c notify.Reset) emailview.Letter {
	return emailview.Letter{
		Subject:   "Choose a new password for the " + b.TradingName + " portal",
		Preheader: "The link works once, for " + life(invite.Reset.Life()) + ".",
		Heading:   "Choose a new password",
		Reason:    "You get this email because somebody asked for a new password for " + c.Email + ".",
		Blocks: []emailview.Block{
			emailview.Paragraph("Somebody, hopefully you, has asked for a new password for " + c.Email + " in the customer portal of " + b.TradingName + "."),
			emailview.Button{Label: "Choose a new password", URL: r.link(route.Reset(c.Token))},
			emailview.Note("The link works once, for " + life(invite.Reset.Life()) + ". If you did not ask for it, ignore this email: your password stays as it is."),
		},
	}
}

// passwordChanged warns a person whose password somebody else has changed.
func (r Renderer) passwordChanged(b notify.Business, c notify.PasswordNotice) emailview.Letter {
	help := "If this was not you, choose a new password now"
	if b.Phone != "" {
		help += " and call " + b.TradingName + " on " + b.Phone
	}
	return emailview.Letter{
		Subject:   "Your password for the " + b.TradingName + " portal was changed",
		Preheader: "If this was you, there is nothing to do.",
		Heading:   "Your password was changed",
		Reason:    "You get this email because the password for " + c.Email + " was changed.",
		Blocks: []emailview.Block{
			emailview.Paragraph("The password for " + c.Email + " in the customer portal of " + b.TradingName + " was changed on " + b.Format.Moment(&c.At) + "."),
			emailview.Paragraph("If this was you, there is nothing to do. " + help + "."),
			emailview.Button{Label: "Choose a new password", URL: r.link(route.ForgotPassword)},
		},
	}
}

// staffLink lets a member of staff choose the first password, or a new one.
func (r Renderer) staffLink(b notify.Business, c notify.StaffLink) emailview.Letter {
	if c.Reset {
		return emailview.Letter{
			Subject:   "Choose a new password for the " + b.TradingName + " office",
			Preheader: "The link works once, for " + life(invite.StaffReset.Life()) + ".",
			Heading:   "Choose a new password",
			Reason:    "You get this email because somebody asked for a new password for " + c.Email + ".",
			Blocks: []emailview.Block{
				greeting(c.Name),
				emailview.Paragraph("Somebody, hopefully you, has asked for a new password for " + c.Email + " in the office of " + b.TradingName + "."),
				emailview.Button{Label: "Choose a new password", URL: r.link(route.OfficeReset(c.Token))},
				emailview.Note("The link works once, for " + life(invite.StaffReset.Life()) + ". If you did not ask for it, ignore this email: your password stays as it is."),
			},
		}
	}
	return emailview.Letter{
		Subject:   "Welcome to the " + b.TradingName + " office",
		Preheader: "Choose a password to get started.",
		Heading:   "Welcome to the office",
		Reason:    "You get this email because an Administrator of " + b.TradingName + " has added you to its staff.",
		Blocks: []emailview.Block{
			greeting(c.Name),
			emailview.Paragraph("You have been added to the office of " + b.TradingName + ". Choose a password to get started. From then on you sign in at " + r.site() + route.OfficeLogin + " as " + c.Email + "."),
			emailview.Button{Label: "Choose your password", URL: r.link(route.OfficeWelcome(c.Token))},
			emailview.Note("The link works once, for " + life(invite.StaffInvitation.Life()) + ". If it has expired, opening it offers you a new one."),
		},
	}
}
