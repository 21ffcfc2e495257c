package email

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"time"

	"github.com/shopspring/decimal"

	"fieldgate/internal/address"
	"fieldgate/internal/company"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/notify"
	"fieldgate/internal/signin"
)

// Sample is a mail as it could be, for those who look at mails and for tests.
type Sample struct {
	Name  string // in addresses and of the golden file
	Kind  notify.Kind
	State string // what is special about it
	notify.Mail
}

// sampleMoment is when the samples are written.
var sampleMoment = time.Date(2026, 11, 23, 21, 30, 0, 0, time.UTC)

// SampleBusiness is a business with everything filled in, logo too.
func SampleBusiness() notify.Business {
	return notify.Business{
		Details: company.Details{
			TradingName: "Northwind Air", RegistrationLabel: "ABN", RegistrationNumber: "51 824 753 556",
			Phone: "02 9555 0100", Email: "office@northwind.example", Website: "https://northwind.example",
			Address:     address.Address{Line1: "12 Compressor Lane", City: "Alexandria", Region: "NSW", Postcode: "2015"},
			BrandColour: "#0f5c8c",
		},
		Format: company.NewFormat(sampleMoment, "Australia/Sydney", "en-AU", "AUD"),
		Logo:   sampleLogo(), LogoType: "image/png",
	}
}

func sampleLogo() []byte {
	m := image.NewNRGBA(image.Rect(0, 0, 360, 96))
	for y := range 96 {
		for x := range 360 {
			if x < 96 || y > 40 && y < 56 {
				m.Set(x, y, color.NRGBA{R: 15, G: 92, B: 140, A: 255})
			}
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m) // a buffer takes everything
	return b.Bytes()
}

// samplePicture is a photo of nothing in particular.
func samplePicture(name string, width, height int) notify.Picture {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.Set(x, y, color.NRGBA{R: uint8(60 + 120*x/width), G: uint8(90 + 100*y/height), B: 150, A: 255})
		}
	}
	var b bytes.Buffer
	_ = jpeg.Encode(&b, m, nil) // a buffer takes everything
	return notify.Picture{Name: name, Width: width, Height: height, Data: b.Bytes()}
}

// bare is a business that has just begun: no logo, no phone, no address.
func bareBusiness() notify.Business {
	return notify.Business{Details: company.Details{TradingName: "portal.example.com", BrandColour: "#f2c14e"}, Format: company.NewFormat(sampleMoment, "America/New_York", "en-US", "USD")}
}

// Samples are all mails that the program writes, in every state.
func Samples() []Sample {
	var (
		at       = sampleMoment
		until    = at.Add(2 * time.Hour)
		estimate = int64(125000)
		site     = address.Address{Line1: "1 Harbour Street", City: "Sydney", Region: "NSW", Postcode: "2000"}
		visit    = notify.JobVisit{
			Number: "J-1042", Name: "Lobby split system drips", Type: "Repair", Contact: "Lee Nguyen", Site: "Tower One", Address: site,
			From: &at, Until: &until, Staff: []string{"Dan Osei", "Rita Moss"},
		}
		report = notify.JobReport{
			Number: "J-1042", Name: "Lobby split system drips", Contact: "Lee Nguyen", Site: "Tower One", CompletedAt: &until, Hours: decimal.RequireFromString("2.5"), HasPhotos: true,
			Work: "Cleared the condensate drain and replaced its pump.\nTested for thirty minutes: no leak.",
		}
		priced = notify.PricedQuote{
			Number: "Q-1007", Name: "Replace chiller", Contact: "Lee Nguyen", Site: "Tower One", Total: 4400000, Tax: 400000, Currency: "AUD",
			ValidUntil: day.New(2026, 12, 24), Today: day.New(2026, 12, 21),
		}
		message = notify.MessageNotice{
			Contact: "Lee Nguyen", Author: "Ben Carter", FromOffice: true, Job: "J-1042", Title: "Lobby split system drips", At: at, Files: 1,
			Text: "Rita can come at eight tomorrow.\n\nIs the loading dock open by then?", Pictures: []notify.Picture{samplePicture("Dock.jpg", 480, 270)},
		}
		asked = notify.JobNotice{
			Number: "J-1042", Description: "The split system in the lobby drips onto the reception desk.\r\n\r\nPlease come before Friday – visitors from 株式会社 arrive then.", Type: "Repair",
			Customer: "Harbour Towers", CustomerNumber: "C-1001", Site: "Tower One", Contact: "Lee Nguyen", ContactPhone: "0412 345 678", ContactEmail: "lee@harbour.example",
			PurchaseOrder: "PO-7781", PreferredOn: day.New(2026, 11, 26), FromPortal: true, CreatedAt: at, Status: "new",
		}
		request = notify.QuoteNotice{
			Number: "Q-1007", Name: "Replace chiller", Description: "Price for replacing the rooftop chiller.", Customer: "Harbour Towers", CustomerNumber: "C-1001",
			Contact: "Lee Nguyen", ContactEmail: "lee@harbour.example", Estimate: &estimate, Currency: "AUD", CreatedAt: at, Status: "requested",
		}
		photos = notify.SharedFiles{Contact: "Lee Nguyen", Job: "J-1042", Title: "Lobby split system drips", Files: []notify.SharedFile{
			{Name: "IMG_2231.jpg", Caption: "Drain before", Photo: true}, {Name: "IMG_2232.jpg", Caption: "Drain after", Photo: true}, {Name: "IMG_2233.jpg", Photo: true},
		}, Pictures: []notify.Picture{samplePicture("Drain before", 480, 360), samplePicture("Drain after", 480, 360), samplePicture("IMG_2233.jpg", 360, 480)}}
		answered = notify.QuoteDecision{
			Number: "Q-1007", Name: "Replace chiller", Decision: "accepted", By: "Lee Nguyen", PurchaseOrder: "PO-7790", Customer: "Harbour Towers", CustomerNumber: "C-1001",
			Total: 4400000, Currency: "AUD", At: at, Version: 2,
		}
	)
	ending := notify.DocumentNotice{
		Contact: "Lee Nguyen", Name: "Electrical safety 2026.pdf", Kind: "Safety certificate", Site: "Tower One", ValidUntil: day.New(2026, 12, 24), Today: day.New(2026, 11, 24),
	}
	lastOfIt, endingOffice := ending, ending
	lastOfIt.Today, lastOfIt.Equipment = ending.ValidUntil, "Lobby split system"
	endingOffice.ToOffice, endingOffice.Customer, endingOffice.CustomerNumber = true, "Harbour Towers", "C-1001"
	moved, expiring, lastDay, declined, toOffice := visit, priced, priced, answered, message
	refused := notify.AnsweredQuote{PricedQuote: priced, Decision: "declined", By: "Lee Nguyen", Reason: "We postpone it to next year."}
	moved.Moved = true
	tomorrow := visit
	tomorrow.Tomorrow = true
	calledOff := notify.VisitCalledOff{Number: "J-1042", Name: "Lobby split system drips", Contact: "Lee Nguyen", Site: "Tower One", Address: site, From: &at, Until: &until, Version: 4}
	cancelled, neverBooked := calledOff, calledOff
	cancelled.Cancelled, cancelled.Why = true, "The lobby is closed for renovation until March."
	neverBooked.Cancelled, neverBooked.Why, neverBooked.From, neverBooked.Until = true, "We do not service this make. Please ask its maker.", nil, nil
	anotherTime := notify.VisitAnswer{
		Number: "J-1042", Name: "Lobby split system drips", Customer: "Harbour Towers", CustomerNumber: "C-1001", By: "Lee Nguyen", From: &at, Until: &until, Reason: "The lobby is used for a fair until Thursday.",
		Wishes: []job.Wish{{On: day.New(2026, 11, 27), When: job.Morning}, {On: day.New(2026, 11, 30), When: job.Afternoon}, {On: day.New(2026, 12, 1), When: "10:30"}},
	}
	receipt := notify.Receipt{
		Number: "J-1042", Description: asked.Description, Contact: "Lee Nguyen", Type: "Repair", Site: "Tower One", PreferredOn: day.New(2026, 11, 26), PurchaseOrder: "PO-7781", Files: 2,
	}
	quoteReceipt := notify.Receipt{Quote: true, Number: "Q-1007", Name: "Replace chiller", Description: request.Description, Contact: "Lee Nguyen", Estimate: &estimate, Currency: "AUD", Files: 1}
	withdrawn := notify.WithdrawnNotice{Number: "J-1042", Description: "The split system in the lobby drips.", Customer: "Harbour Towers", CustomerNumber: "C-1001", By: "Lee Nguyen", Why: "It has stopped by itself."}
	quoteWithdrawn := notify.WithdrawnNotice{Quote: true, Number: "Q-1007", Name: "Replace chiller", Customer: "Harbour Towers", CustomerNumber: "C-1001", By: "Lee Nguyen"}
	expiring.Expiring, lastDay.Expiring, lastDay.Today = true, true, priced.ValidUntil
	many := notify.SharedFiles{Contact: "Lee Nguyen", Quote: "Q-1007", Title: "Replace chiller"}
	for range 13 {
		many.Files = append(many.Files, notify.SharedFile{Name: "Data sheet of the chiller.pdf"}, notify.SharedFile{Name: "IMG_2240.jpg", Photo: true})
	}
	declined.Decision, declined.Reason, declined.PurchaseOrder = "declined", "Another offer was cheaper.", ""
	toOffice.ToOffice, toOffice.FromOffice, toOffice.Author, toOffice.Customer, toOffice.CustomerNumber = true, false, "Lee Nguyen", "Harbour Towers", "C-1001"
	access := func(what string) notify.AccessNotice {
		return notify.AccessNotice{What: what, By: "Ada Fontaine", Contact: "Kim Park", Email: "kim@harbour.example", Customer: "Harbour Towers", CustomerNumber: "C-1001"}
	}
	invited := notify.Invitation{Contact: "Kim Park", Customer: "Harbour Towers", Email: "kim@harbour.example", Token: "TOKEN"}
	withPassword, known := invited, notify.Invitation{Contact: "Sam Reyes", Customer: "Harbour Towers", Email: "sam@both.example", Token: "TOKEN", Known: true}
	withPassword.Token, withPassword.Password = "", "correct <horse> battery"
	long := notify.JobVisit{
		Number: "J-100042", Contact: "محمد بن عبد العزيز", Site: "مبنى البلدية", From: &at,
		Description: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft: the air handling unit on the roof makes a noise that nobody can sleep with, please come and look",
	}

	const main, all, list = notify.MainContact, notify.EverythingSeen, ""
	full, bare := SampleBusiness(), bareBusiness()
	noLogo := full
	noLogo.Logo, noLogo.LogoType = nil, ""
	burst := func(s Sample) Sample {
		s.More = []string{"J-1043 Basement fan rattles", "J-1044 Cool room door does not close"}
		return s
	}
	sample := func(name string, kind notify.Kind, state, rule string, b notify.Business, content any) Sample {
		s := Sample{Name: name, Kind: kind, State: state, Mail: notify.Mail{Business: b, Rule: rule, Content: content}}
		for _, l := range notify.Lines() {
			if l.Kind == kind && l.Choice != "" {
				s.Stop = "TOKEN"
			}
			if l.Kind == kind && l.Audience == notify.Customer && kind != notify.KindDocumentEnding {
				s.Open = "TOKEN"
			}
		}
		return s
	}
	return []Sample{
		sample("welcome-link", notify.KindWelcome, "With a link", list, full, invited),
		sample("welcome-password", notify.KindWelcome, "With a password set by staff", list, full, withPassword),
		sample("welcome-known", notify.KindWelcome, "To somebody who signs in already", list, full, known),
		sample("welcome-bare", notify.KindWelcome, "From a business without logo, phone and address", list, bare, invited),
		sample("access-invited", notify.KindContactAccess, "Invited", list, full, access("invited")),
		sample("access-suspended", notify.KindContactAccess, "Suspended", list, full, access("suspended")),
		sample("access-restored", notify.KindContactAccess, "Restored", list, full, access("restored")),
		sample("access-changed", notify.KindContactAccess, "Changed", list, full, access("changed")),
		sample("job", notify.KindJobOpened, "", list, full, asked),
		burst(sample("job-burst", notify.KindJobOpened, "The first of a burst", list, full, asked)),
		sample("job-booked", notify.KindJobBooked, "Booked", main, full, visit),
		sample("job-moved", notify.KindJobBooked, "Moved, to somebody who follows everything", all, full, moved),
		sample("job-booked-long", notify.KindJobBooked, "Long words, another script, no logo", main, noLogo, long),
		sample("visit-tomorrow", notify.KindVisitReminder, "", main, full, tomorrow),
		sample("visit-cancelled", notify.KindVisitCalledOff, "The job was cancelled", main, full, cancelled),
		sample("visit-called-off", notify.KindVisitCalledOff, "Another date is to be found", main, full, calledOff),
		sample("job-never-booked-cancelled", notify.KindVisitCalledOff, "Cancelled, and never booked", main, full, neverBooked),
		sample("visit-answered", notify.KindVisitAnswered, "", notify.AssignedStaff, full, anotherTime),
		sample("job-received", notify.KindJobReceived, "", notify.Asker, full, receipt),
		sample("quote-received", notify.KindQuoteReceived, "", notify.Asker, full, quoteReceipt),
		sample("job-withdrawn", notify.KindJobWithdrawn, "", list, full, withdrawn),
		sample("quote-withdrawn", notify.KindQuoteWithdrawn, "Without a reason", notify.AccountManager, full, quoteWithdrawn),
		sample("job-completed", notify.KindJobCompleted, "", main, full, report),
		sample("files-photos", notify.KindFilesShared, "Photos of a job", main, full, photos),
		sample("files-many", notify.KindFilesShared, "Many files of a quote", all, full, many),
		sample("quote", notify.KindQuoteRequested, "To the list", list, full, request),
		sample("quote-manager", notify.KindQuoteRequested, "To the account manager", notify.AccountManager, full, request),
		sample("quote-sent", notify.KindQuoteSent, "", main, full, priced),
		sample("quote-expiring", notify.KindQuoteExpiring, "Three days before", main, full, expiring),
		sample("quote-last-day", notify.KindQuoteExpiring, "On its last day", main, full, lastDay),
		sample("quote-accepted", notify.KindQuoteAnswered, "Accepted", main, full, notify.AnsweredQuote{PricedQuote: priced, Decision: "accepted", By: "Lee Nguyen"}),
		sample("quote-declined", notify.KindQuoteAnswered, "Declined, with a reason", main, full, refused),
		sample("decision-accepted", notify.KindQuoteDecision, "Accepted, to the assigned staff", notify.AssignedStaff, full, answered),
		sample("decision-declined", notify.KindQuoteDecision, "Declined", list, full, declined),
		sample("record-link", notify.KindRecordLink, "Of a quote", "Who had the link", full, notify.FreshLink{Quote: true, Number: "Q-1007", Name: "Replace chiller", Contact: "Lee Nguyen"}),
		sample("message", notify.KindMessage, "From the office", main, full, message),
		sample("message-office", notify.KindMessageToOffice, "From a contact", notify.AssignedStaff, full, toOffice),
		sample("equipment", notify.KindEquipmentAdded, "", list, full, notify.EquipmentNotice{
			PublicID: "0123abcd", Number: "AC-17", Name: "Lobby split system", Type: "Air conditioner", Customer: "Harbour Towers", CustomerNumber: "C-1001",
			Site: "Tower One", Location: "Level 1, lobby", Make: "Daikin", Model: "FTXM71W", SerialNumber: "A00931", By: "Lee Nguyen",
		}),
		sample("document-ending", notify.KindDocumentEnding, "To a contact", "", full, ending),
		sample("document-last-day", notify.KindDocumentEnding, "Ends today", "", full, lastOfIt),
		sample("documents-ending", notify.KindDocumentsEnding, "To the list", list, full, endingOffice),
		sample("details", notify.KindDetailsChanged, "", list, full, notify.DetailsNotice{Customer: "Harbour Towers", CustomerNumber: "C-1001", Contact: "Lee Nguyen", Changes: []notify.Change{
			{Field: "Phone", Before: "02 9555 0199", After: "02 9555 0200"}, {Field: "Mobile", Before: "", After: "0412 345 678"}, {Field: "Postal address", Before: "PO Box 1, Sydney", After: ""},
		}}),
		sample("code", notify.KindCode, "To sign in", list, full, notify.Code{Digits: "40718253", Email: "kim@harbour.example", SignsIn: true}),
		sample("code-record", notify.KindCode, "To answer from an email", list, full, notify.Code{Digits: "40718253", Email: "ola@quay.example", About: "quote Q-1001"}),
		sample("code-proof", notify.KindCode, "To prove it once more", list, full, notify.Code{Digits: "40718253", Email: "kim@harbour.example"}),
		sample("reset", notify.KindPasswordReset, "", list, full, notify.Reset{Email: "kim@harbour.example", Token: "TOKEN"}),
		sample("password-changed", notify.KindPasswordChanged, "", list, full, notify.PasswordNotice{Email: "kim@harbour.example", At: at}),
		sample("address-confirm", notify.KindEmailConfirm, "", list, full, notify.AddressConfirm{Old: "kim@harbour.example", New: "kim.park@harbour.example", Token: "TOKEN"}),
		sample("address-old", notify.KindEmailChanged, "To the old address", list, full, notify.AddressNotice{Old: "kim@harbour.example", New: "kim.park@harbour.example", ToOld: true, At: at}),
		sample("address-new", notify.KindEmailChanged, "To the new address", list, full, notify.AddressNotice{Old: "kim@harbour.example", New: "kim.park@harbour.example", At: at}),
		sample("sign-ins-fail", notify.KindSignInsFail, "", "Administrators", full, notify.FailedSignIns{
			At: at, Tries: 130, Addresses: 6, Known: []string{"kim@harbour.example", "lee@harbour.example"},
			From: []notify.FailedSource{{Address: "203.0.113.9", Tries: 104, Accounts: 38}, {Address: "2001:db8::7", Tries: 20, Accounts: 1}},
		}),
		sample("webhook-off", notify.KindWebhookOff, "", "Administrators", full, notify.WebhookOff{At: at, Name: "simPRO", Host: "hooks.simpro.example"}),
		sample("file-dropped", notify.KindFileDropped, "", "Administrators", full, notify.FileDropped{Name: "customers.csv", Lines: []string{"Customers: 2 added, 1 changed, 40 with nothing to change, 1 refused.", "customers, row 3, Acme: “Email”: Write an address such as name@example.com."}}),
		sample("file-refused", notify.KindFileDropped, "Nothing of it was imported", "Administrators", full, notify.FileDropped{Name: "customers.csv", Refused: true, Lines: []string{"Nothing was imported.", "The file is empty."}}),
		sample("webhook-gone", notify.KindWebhookOff, "Its system wants no more", "Administrators", full, notify.WebhookOff{At: at, Name: "simPRO", Host: "hooks.simpro.example", Gone: true}),
		sample("new-sign-in", notify.KindNewSignIn, "", list, full, notify.SignInNotice{Email: "kim@harbour.example", Where: "Firefox on Windows", At: at}),
		sample("second-factor-on", notify.KindFactor, "Turned on", list, full, notify.FactorNotice{What: signin.FactorAdded, Email: "kim@harbour.example", At: at}),
		sample("second-factor-off", notify.KindFactor, "Turned off", list, full, notify.FactorNotice{What: signin.FactorRemoved, Email: "kim@harbour.example", At: at}),
		sample("second-factor-taken", notify.KindFactor, "Removed by the office", list, full, notify.FactorNotice{What: signin.FactorTaken, Email: "kim@harbour.example", At: at}),
		sample("recovery-code-used", notify.KindFactor, "A recovery code was used", list, full, notify.FactorNotice{What: signin.FactorRecovered, Left: 7, Email: "kim@harbour.example", At: at}),
		sample("recovery-codes-renewed", notify.KindFactor, "New recovery codes", list, full, notify.FactorNotice{What: signin.FactorRenewed, Email: "kim@harbour.example", At: at}),
		sample("staff-recovery-codes-few", notify.KindStaffFactor, "Few recovery codes are left", list, full, notify.FactorNotice{What: signin.FactorRecovered, Left: 2, Name: "Ben Carter", Email: "ben@northwind.example", At: at, Staff: true}),
		sample("staff-second-factor-taken", notify.KindStaffFactor, "Removed by an Administrator", list, full, notify.FactorNotice{What: signin.FactorTaken, Name: "Ben Carter", Email: "ben@northwind.example", At: at, Staff: true}),
		sample("staff-invited", notify.KindStaffInvited, "", list, full, notify.StaffLink{Name: "Ben Carter", Email: "ben@northwind.example", Token: "TOKEN"}),
		sample("staff-reset", notify.KindStaffReset, "", list, full, notify.StaffLink{Name: "Ben Carter", Email: "ben@northwind.example", Token: "TOKEN", Reset: true}),
		sample("staff-password-changed", notify.KindStaffPasswordChanged, "", list, full, notify.StaffPasswordNotice{Name: "Ben Carter", Email: "ben@northwind.example", At: at}),
		sample("staff-address-confirm", notify.KindStaffEmailConfirm, "", list, full, notify.AddressConfirm{Old: "ben@northwind.example", New: "ben.carter@northwind.example", Token: "TOKEN", Staff: true}),
		sample("staff-address-old", notify.KindStaffEmailChanged, "To the old address", list, full, notify.AddressNotice{Old: "ben@northwind.example", New: "ben.carter@northwind.example", ToOld: true, At: at, Staff: true}),
		sample("staff-address-new", notify.KindStaffEmailChanged, "To the new address", list, full, notify.AddressNotice{Old: "ben@northwind.example", New: "ben.carter@northwind.example", At: at, Staff: true}),
		sample("staff-role-changed", notify.KindStaffRoleChanged, "", list, full, notify.StaffRoleNotice{Name: "Ben Carter", Email: "ben@northwind.example", Role: "Administrator", By: "Ada Fontaine", At: at}),
		sample("staff-new-sign-in", notify.KindStaffNewSignIn, "", list, full, notify.SignInNotice{Email: "ben@northwind.example", Where: "Firefox on Windows", At: at, Staff: true}),
		sample("passkey-added", notify.KindPasskeyChanged, "Added", list, full, notify.PasskeyNotice{Email: "kim@harbour.example", Did: signin.PasskeyAdded, Passkey: "Safari on iPhone", At: at}),
		sample("passkey-removed", notify.KindPasskeyChanged, "Removed", list, full, notify.PasskeyNotice{Email: "kim@harbour.example", Did: signin.PasskeyRemoved, Passkey: "Safari on iPhone", At: at}),
		sample("passkey-copied", notify.KindPasskeyChanged, "Perhaps copied", list, full, notify.PasskeyNotice{Email: "kim@harbour.example", Did: signin.PasskeyCopied, Passkey: "Security key", At: at}),
		sample("staff-passkey-added", notify.KindStaffPasskeyChanged, "", list, full, notify.PasskeyNotice{Email: "ben@northwind.example", Did: signin.PasskeyAdded, Passkey: "Chrome on Windows", At: at, Staff: true}),
		sample("contact-address-old", notify.KindContactEmailChanged, "", list, full, notify.ContactAddressNotice{Contact: "Kim Park", Customer: "Harbour Towers", Email: "kim@harbour.example", At: at}),
		sample("test", "test", "", list, full, notify.TestMail{At: at}),
	}
}
