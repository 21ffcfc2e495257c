package email

import (
	"fmt"
	"strings"

	"fieldgate/internal/day"
	"fieldgate/internal/notify"
	"fieldgate/internal/signin"
	emailview "fieldgate/templates/email"
	"fieldgate/templates/route"
	"fieldgate/templates/ui"
)

// invitation is the welcome email.
func (r Renderer) invitation(b notify.Business, c notify.Invitation) emailview.Email {
	l := emailview.Email{
		Subject:   "Welcome to the " + b.TradingName + " customer portal",
		Preheader: "Jobs, quotes and equipment of " + c.Customer + ", all in one place.",
		Heading:   "Welcome to your customer portal",
		Reason:    fmt.Sprintf("You get this email because %s has given you access to its portal for %s. If you did not expect it, you can ignore it.", b.TradingName, c.Customer),
	}
	intro := emailview.Paragraph(fmt.Sprintf("%s has given you access to its customer portal. There you see what is done for %s: jobs and when they are booked, photos and documents, quotes and equipment.",
		b.TradingName, c.Customer))
	switch {
	case c.Password != "":
		l.Blocks = []emailview.Block{
			greeting(c.Contact), intro,
			emailview.Paragraph("Sign in with these details within " + signin.Invitation.Lasts() + ". You then choose a password that only you know."),
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
			emailview.Paragraph("You already sign in to this portal as " + c.Email + ". Open the link to add " + c.Customer + "; you keep signing in as you do now."),
			emailview.Button{Label: "Add " + c.Customer, URL: r.link(route.Welcome(c.Token))},
			emailview.Note("The link works once, for " + signin.Invitation.Lasts() + ". If it has expired, opening it offers you a new one."),
		}
	default:
		l.Blocks = []emailview.Block{
			greeting(c.Contact), intro,
			emailview.Paragraph("Choose a password to get started. From then on you sign in at " + r.site() + " as " + c.Email + "."),
			emailview.Button{Label: "Choose your password", URL: r.link(route.Welcome(c.Token))},
			emailview.Note("The link works once, for " + signin.Invitation.Lasts() + ". If it has expired, opening it offers you a new one."),
		}
	}
	return l
}

// code carries the digits that somebody asked for, first of all: phones show a
// subject's beginning, and take the digits from there.
func (r Renderer) code(b notify.Business, c notify.Code) emailview.Email {
	to := "the " + b.TradingName + " portal"
	e := emailview.Email{
		Subject:   c.Digits + " is your code for " + to,
		Preheader: "It works for " + day.Span(signin.CodeLife) + ", in the browser where you asked for it.",
		Heading:   "Your code",
		Reason:    "You get this email because somebody asked for a code for " + c.Email + ".",
		Blocks: []emailview.Block{
			emailview.Paragraph("Enter this code where you asked for it, to sign in to the customer portal of " + b.TradingName + ":"),
			emailview.Digits(c.Digits),
			emailview.Note("It works once, for " + day.Span(signin.CodeLife) + ", and only in the browser where you asked for it."),
			emailview.Paragraph("Tell it to nobody: nobody at " + b.TradingName + " ever asks you for a code. If you did not ask for it, ignore this email. Without the code nobody gets in."),
		},
	}
	if len(c.Digits) != signin.CodeLength { // the kept copy has none
		e.Subject, e.Blocks[1] = "A code for "+to, emailview.Facts{{Label: "Code", Value: c.Digits}}
	}
	switch {
	case c.About != "":
		e.Blocks[0] = emailview.Paragraph("Enter this code where you asked for it, to answer about " + c.About + ":")
	case !c.SignsIn:
		e.Blocks[0] = emailview.Paragraph("You are changing something important in the customer portal of " + b.TradingName + ". Enter this code to show that it is you:")
	}
	return e
}

// factor tells somebody what has become of their second factor.
func (r Renderer) factor(b notify.Business, c notify.FactorNotice) emailview.Email {
	to := placeOf(c.Staff)
	words := map[signin.FactorEvent][3]string{
		signin.FactorAdded:     {"Second factor turned on", "is on", "From now on signing in asks for the digits that your app shows, too. Keep the recovery codes where you find them without your phone."},
		signin.FactorRemoved:   {"Second factor turned off", "was turned off", "From now on nothing but your password, or a code by email, stands before your account."},
		signin.FactorTaken:     {"Second factor removed", "was removed", "Somebody at " + b.TradingName + " removed it because it was reported as lost. You are signed out everywhere. Sign in, and set up a new one."},
		signin.FactorRecovered: {"A recovery code was used", "was replaced by a recovery code", "You have " + ui.Plural(c.Left, "recovery code", "recovery codes") + " left."},
		signin.FactorRenewed:   {"New recovery codes", "has new recovery codes", "The ones from before no longer work."},
	}[c.What]
	if c.What == signin.FactorRecovered && c.Left <= signin.FewRecoveryCodes {
		words[2] += " Make new ones now, while you still can."
	}
	if c.Staff && c.What == signin.FactorRemoved { // who get no codes
		words[2] = "From now on nothing but your password stands before your account."
	}
	account := map[bool]string{false: route.SecondFactor, true: route.OfficeSecondFactor}[c.Staff]
	help := "If it was not, choose a new password now and " + reach(b) + "."
	if c.Staff {
		help = "If it was not, choose a new password now and tell an Administrator."
	}
	e := emailview.Email{
		Subject:   words[0] + ": " + b.TradingName + " " + to.name,
		Preheader: "If this was you, there is nothing to do.",
		Heading:   words[0],
		Reason:    "You get this email because " + c.Email + " signs in to " + to.in(b) + ".",
		Blocks: []emailview.Block{
			emailview.Paragraph("The second factor for " + c.Email + " at " + to.in(b) + " " + words[1] + " on " + b.Format.Moment(&c.At) + "."),
			emailview.Paragraph(words[2]),
			emailview.Paragraph("If this was you, there is nothing to do. " + help),
			emailview.Button{Label: "Open the second factor", URL: r.link(account)},
		},
	}
	if c.What == signin.FactorTaken {
		e.Preheader, e.Blocks[2] = "You are signed out everywhere.", emailview.Paragraph("If you did not ask for this, "+strings.TrimPrefix(help, "If it was not, "))
	}
	return e
}

// reset lets a person choose a new password.
func (r Renderer) reset(b notify.Business, c notify.Reset) emailview.Email {
	return emailview.Email{
		Subject:   "Choose a new password for the " + b.TradingName + " portal",
		Preheader: "The link works once, for " + signin.Reset.Lasts() + ".",
		Heading:   "Choose a new password",
		Reason:    "You get this email because somebody asked for a new password for " + c.Email + ".",
		Blocks: []emailview.Block{
			emailview.Paragraph("Somebody has asked for a new password for " + c.Email + " in the customer portal of " + b.TradingName + "."),
			emailview.Button{Label: "Choose a new password", URL: r.link(route.Reset(c.Token))},
			emailview.Note("The link works once, for " + signin.Reset.Lasts() + ". If you did not ask for it, ignore this email: your password stays as it is."),
		},
	}
}

// passwordChanged warns a person whose password somebody else has changed.
func (r Renderer) passwordChanged(b notify.Business, c notify.PasswordNotice) emailview.Email {
	help := "If this was not you, choose a new password now"
	if b.Phone != "" {
		help += " and call " + b.TradingName + " on " + b.Phone
	}
	return emailview.Email{
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
func (r Renderer) staffLink(b notify.Business, c notify.StaffLink) emailview.Email {
	if c.Reset {
		return emailview.Email{
			Subject:   "Choose a new password for the " + b.TradingName + " office",
			Preheader: "The link works once, for " + signin.StaffReset.Lasts() + ".",
			Heading:   "Choose a new password",
			Reason:    "You get this email because somebody asked for a new password for " + c.Email + ".",
			Blocks: []emailview.Block{
				greeting(c.Name),
				emailview.Paragraph("Somebody has asked for a new password for " + c.Email + " in the office of " + b.TradingName + "."),
				emailview.Button{Label: "Choose a new password", URL: r.link(route.OfficeReset(c.Token))},
				emailview.Note("The link works once, for " + signin.StaffReset.Lasts() + ". If you did not ask for it, ignore this email: your password stays as it is."),
			},
		}
	}
	return emailview.Email{
		Subject:   "Welcome to the " + b.TradingName + " office",
		Preheader: "Choose a password to get started.",
		Heading:   "Welcome to the office",
		Reason:    "You get this email because an Administrator of " + b.TradingName + " has added you to its staff.",
		Blocks: []emailview.Block{
			greeting(c.Name),
			emailview.Paragraph("You have been added to the office of " + b.TradingName + ". Choose a password to get started. From then on you sign in at " + r.site() + route.OfficeLogin + " as " + c.Email + "."),
			emailview.Button{Label: "Choose your password", URL: r.link(route.OfficeWelcome(c.Token))},
			emailview.Note("The link works once, for " + signin.StaffInvitation.Lasts() + ". If it has expired, opening it offers you a new one."),
		},
	}
}

// staffPasswordChanged warns a member of staff whose password somebody else has changed.
func (r Renderer) staffPasswordChanged(b notify.Business, c notify.StaffPasswordNotice) emailview.Email {
	return emailview.Email{
		Subject:   "Your password for the " + b.TradingName + " office was changed",
		Preheader: "If this was you, there is nothing to do.",
		Heading:   "Your password was changed",
		Reason:    "You get this email because the password for " + c.Email + " was changed.",
		Blocks: []emailview.Block{
			greeting(c.Name),
			emailview.Paragraph("Your password for the office of " + b.TradingName + " was changed on " + b.Format.Moment(&c.At) + "."),
			emailview.Paragraph("If this was you, there is nothing to do. If it was not, choose a new password now and tell an Administrator."),
			emailview.Button{Label: "Choose a new password", URL: r.link(route.OfficeForgotPassword)},
		},
	}
}

// place is what somebody signs in to, and the addresses of its pages.
type place struct{ name, login, forgot string }

func placeOf(office bool) place {
	if office {
		return place{"office", route.OfficeLogin, route.OfficeForgotPassword}
	}
	return place{"portal", route.Login, route.ForgotPassword}
}

// in is the place as a sentence names it.
func (p place) in(b notify.Business) string {
	if p.name == "portal" {
		return "the customer portal of " + b.TradingName
	}
	return "the " + p.name + " of " + b.TradingName
}

// confirmAddress asks whoever reads mail at the new address to confirm it.
func (r Renderer) confirmAddress(b notify.Business, c notify.AddressConfirm) emailview.Email {
	to, link := placeOf(c.Staff), route.NewAddress(c.Token)
	if c.Staff {
		link = route.OfficeNewAddress(c.Token)
	}
	e := emailview.Email{
		Subject:   "Confirm your new sign-in address for the " + b.TradingName + " " + to.name,
		Preheader: "Until you do, you sign in as " + c.Old + ".",
		Heading:   "Confirm your new address",
		Reason:    "You get this email because somebody entered " + c.New + " as the new sign-in address of " + c.Old + ".",
		Blocks: []emailview.Block{
			emailview.Paragraph("From now on you want to sign in to " + to.in(b) + " as " + c.New + ", not " + c.Old + ". Confirm that this is your address."),
			emailview.Button{Label: "Confirm the address", URL: r.link(link)},
			emailview.Note("The link works once, for " + signin.NewAddress.Lasts() + ". If you did not ask for it, ignore this email: nothing changes."),
		},
	}
	if c.Staff {
		e.Blocks[0] = emailview.Paragraph("You, or an Administrator, asked to change how you sign in to " + to.in(b) + ": as " + c.New + ", not " + c.Old + ". To confirm it, open the link and enter your password.")
	}
	return e
}

// addressChanged tells the old and the new address of the change.
func (r Renderer) addressChanged(b notify.Business, c notify.AddressNotice) emailview.Email {
	to := placeOf(c.Staff)
	l := emailview.Email{
		Subject:   "Your sign-in address for the " + b.TradingName + " " + to.name + " was changed",
		Preheader: "From now on you sign in as " + c.New + ".",
		Heading:   "Your sign-in address was changed",
		Reason:    "You get this email because it is your sign-in address.",
		Blocks: []emailview.Block{
			emailview.Paragraph("The address you sign in with at " + to.in(b) + " was changed on " + b.Format.Moment(&c.At) + "."),
			emailview.Facts{{Label: "Old address", Value: c.Old}, {Label: "New address", Value: c.New}},
		},
	}
	if !c.ToOld {
		l.Blocks = append(l.Blocks, emailview.Paragraph("Your password stays the same."), emailview.Button{Label: "Log In", URL: r.link(to.login)})
		return l
	}
	help := reach(b)
	if c.Staff {
		help = "tell an Administrator"
	}
	l.Reason = "You get this email because it was your sign-in address until now."
	l.Blocks = append(l.Blocks, emailview.Paragraph("If this was you, there is nothing to do. If it was not, "+help+" at once: somebody else may have your password."))
	return l
}

// contactAddressChanged tells whoever reads mail at a contact's old address that
// the next goes elsewhere.
func (r Renderer) contactAddressChanged(b notify.Business, c notify.ContactAddressNotice) emailview.Email {
	return emailview.Email{
		Subject:   "Your email address at " + b.TradingName + " was changed",
		Preheader: "Emails about " + c.Customer + " now go to another address.",
		Heading:   "Your email address was changed",
		Reason:    fmt.Sprintf("You get this email because %s has written to you at %s about %s until now.", b.TradingName, c.Email, c.Customer),
		Blocks: []emailview.Block{
			greeting(c.Contact),
			emailview.Paragraph(fmt.Sprintf("On %s your email address for %s was changed in the customer portal of %s. From now on its emails and the access to the portal go to the new address. %s no longer gets them.", b.Format.Moment(&c.At), c.Customer, b.TradingName, c.Email)),
			emailview.Paragraph("If you knew about this, there is nothing to do. If you did not, " + reach(b) + "."),
		},
	}
}

// staffRoleChanged tells a member of staff of another role.
func (r Renderer) staffRoleChanged(b notify.Business, c notify.StaffRoleNotice) emailview.Email {
	return emailview.Email{
		Subject:   "Your role in the " + b.TradingName + " office was changed",
		Preheader: "Your role is now " + c.Role + ".",
		Heading:   "Your role was changed",
		Reason:    "You get this email because you work at " + b.TradingName + ".",
		Blocks: []emailview.Block{
			greeting(c.Name),
			emailview.Paragraph(c.By + " changed your role in the office of " + b.TradingName + " on " + b.Format.Moment(&c.At) + "."),
			emailview.Facts{{Label: "New role", Value: c.Role}},
			emailview.Paragraph("You may have to sign in again. If you did not expect this, ask an Administrator."),
		},
	}
}

// reach says how to get hold of the business, in the middle of a sentence.
func reach(b notify.Business) string {
	if b.Phone != "" {
		return "call " + b.TradingName + " on " + b.Phone
	}
	return "reply to this email"
}

// newSignIn warns somebody of a device that is not known.
func (r Renderer) newSignIn(b notify.Business, c notify.SignInNotice) emailview.Email {
	to := placeOf(c.Staff)
	return emailview.Email{
		Subject:   "New sign-in to the " + b.TradingName + " " + to.name,
		Preheader: firstOf(c.Where, "From a device not used before") + ", " + b.Format.Moment(&c.At) + ".",
		Heading:   "New sign-in on another device",
		Reason:    "You get this email because " + c.Email + " was used to sign in.",
		Blocks: []emailview.Block{
			emailview.Paragraph("Somebody has signed in to " + to.in(b) + " on a device not used before."),
			emailview.Facts{{Label: "Signed in as", Value: c.Email}, {Label: "When", Value: b.Format.Moment(&c.At)}, {Label: "With", Value: c.Where}},
			emailview.Paragraph("If this was you, there is nothing to do. If it was not, choose a new password now. That signs out all other devices."),
			emailview.Button{Label: "Choose a new password", URL: r.link(to.forgot)},
		},
	}
}

// passkeyChanged tells somebody what became of a passkey of theirs.
func (r Renderer) passkeyChanged(b notify.Business, c notify.PasskeyNotice) emailview.Email {
	to, account := placeOf(c.Staff), route.Passkeys
	if c.Staff {
		account = route.OfficePasskeys
	}
	e := emailview.Email{
		Preheader: firstOf(c.Passkey, "A passkey") + ", " + b.Format.Moment(&c.At) + ".",
		Reason:    "You get this email because " + c.Email + " is your sign-in address.",
	}
	facts := emailview.Facts{{Label: "Passkey", Value: c.Passkey}, {Label: "You sign in as", Value: c.Email}, {Label: "When", Value: b.Format.Moment(&c.At)}}
	button := emailview.Button{Label: "Look at your passkeys", URL: r.link(account)}
	switch c.Did {
	case signin.PasskeyRemoved:
		e.Subject, e.Heading = "A passkey for the "+b.TradingName+" "+to.name+" was removed", "A passkey was removed"
		e.Blocks = []emailview.Block{
			emailview.Paragraph("One of your passkeys for " + to.in(b) + " was removed. Nobody signs in with it any more, and your other devices are signed out."), facts,
			emailview.Paragraph("If this was you, there is nothing to do. If it was not, choose a new password now."),
			emailview.Button{Label: "Choose a new password", URL: r.link(to.forgot)},
		}
	case signin.PasskeyCopied:
		e.Subject, e.Heading = "One of your passkeys may have been copied", "This passkey may have been copied"
		e.Blocks = []emailview.Block{
			emailview.Paragraph("A passkey counts how often it is used. One of yours for " + to.in(b) + " has counted backwards, as a copy of it would."), facts,
			emailview.Paragraph("Sign in with your password, remove this passkey and add a new one."), button,
		}
	case signin.PasskeyAdded:
		e.Subject, e.Heading = "A passkey for the "+b.TradingName+" "+to.name+" was added", "A passkey was added"
		e.Blocks = []emailview.Block{
			emailview.Paragraph("From now on you can sign in to " + to.in(b) + " with this passkey, without your password."), facts,
			emailview.Paragraph("If this was you, there is nothing to do. If it was not, remove the passkey and choose a new password now."), button,
		}
	}
	return e
}

// webhookOff tells Administrators of a webhook that was switched off.
func (r Renderer) webhookOff(b notify.Business, c notify.WebhookOff) emailview.Email {
	why := "Nothing has got through to " + c.Host + " for three days, so " + b.TradingName + " stopped sending on " + b.Format.Moment(&c.At) + "."
	if c.Gone {
		why = c.Host + " answered on " + b.Format.Moment(&c.At) + " that this address is gone for good (410), so " + b.TradingName + " stopped sending."
	}
	return emailview.Email{
		Subject:   "The webhook " + c.Name + " is switched off",
		Preheader: c.Name + " no longer hears what customers do.",
		Heading:   "The webhook " + c.Name + " is switched off",
		Reason:    "You get this email because you are an Administrator. It comes once each time a webhook is switched off.",
		Blocks: []emailview.Block{
			emailview.Paragraph(why),
			emailview.Paragraph("Nothing is lost: what customers do in the meantime is kept. Ask whoever looks after " + c.Name + ", then switch the webhook on again. It catches up by itself."),
			emailview.Button{Label: "View the webhooks", URL: r.link(route.AdminWebhooks)},
		},
	}
}

// fileDropped tells Administrators what became of a file of the drop folder.
func (r Renderer) fileDropped(b notify.Business, c notify.FileDropped) emailview.Email {
	e := emailview.Email{
		Subject:   c.Name + " was imported",
		Preheader: c.Lines[0],
		Heading:   c.Name + " was imported",
		Reason:    "You get this email because you are an Administrator. It comes once for each file that another system puts into the drop folder of " + b.TradingName + ".",
	}
	if c.Refused {
		e.Subject, e.Heading = c.Name+" was refused", c.Name+" was refused"
	}
	for _, l := range c.Lines {
		e.Blocks = append(e.Blocks, emailview.Paragraph(l))
	}
	e.Blocks = append(e.Blocks, emailview.Button{Label: "View the imports", URL: r.link(route.AdminImport)})
	return e
}

// failedSignIns warns Administrators of somebody who tries many passwords.
func (r Renderer) failedSignIns(b notify.Business, c notify.FailedSignIns) emailview.Email {
	var from, known []string
	for _, f := range c.From {
		address := f.Address
		if address == "" {
			address = "an unknown address"
		}
		from = append(from, fmt.Sprintf("%s: %s at %s", address, ui.Plural(f.Tries, "attempt", "attempts"), ui.Plural(f.Accounts, "account", "accounts")))
	}
	if more := c.Addresses - len(c.From); more > 0 {
		from = append(from, "and "+ui.Plural(more, "other address", "other addresses"))
	}
	if known = c.Known; len(known) > 10 {
		known = append(known[:10:10], "and others")
	}
	if len(known) == 0 {
		known = []string{"None that exist here"}
	}
	return emailview.Email{
		Subject:   "Many failed sign-ins at " + b.TradingName,
		Preheader: ui.Plural(c.Tries, "attempt", "attempts") + " within an hour.",
		Heading:   "Somebody is trying many passwords",
		Reason:    "You get this email because you are an Administrator. It comes once an hour at most; switch it off under Administration → Customer Portal → Failed sign-ins.",
		Blocks: []emailview.Block{
			emailview.Paragraph("In the hour before " + b.Format.Moment(&c.At) + " there were " + ui.Plural(c.Tries, "failed attempt", "failed attempts") + " to sign in. Attempts above the limit are refused."),
			emailview.Facts{{Label: "From", Value: strings.Join(from, "\n")}, {Label: "Accounts", Value: strings.Join(known, "\n")}},
			emailview.Paragraph("If it goes on, ask whoever runs the server to block these addresses. Your staff and customers can still sign in on devices they have used before. On other devices they can choose a new password by email."),
			emailview.Button{Label: "View the sign-ins", URL: r.link(route.AdminSignIns)},
		},
	}
}

// test tries the way to the mail server.
func (r Renderer) test(b notify.Business, c notify.TestMail) emailview.Email {
	return emailview.Email{
		Subject:   "Test email from " + b.TradingName,
		Preheader: "The portal’s emails arrive.",
		Heading:   "The portal’s emails arrive",
		Reason:    "You get this email because somebody in the office sent a test to this address.",
		Blocks: []emailview.Block{
			emailview.Paragraph("This is a test: the customer portal of " + b.TradingName + " sent it on " + b.Format.Moment(&c.At) + ", and it has arrived."),
			emailview.Paragraph("Was it in the junk mail? Then check the SPF, DKIM and DMARC records of the sender’s domain."),
			emailview.Button{Label: "View the emails", URL: r.link(route.OfficeEmails)},
		},
	}
}
