// Package email writes the mails: which words, which facts, which links.
package email

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // logos
	_ "image/png"
	"math"
	"net/url"
	"strings"

	"fieldgate/internal/branding"
	"fieldgate/internal/mail"
	"fieldgate/internal/notify"
	emailview "fieldgate/templates/email"
	"fieldgate/templates/route"
)

// Renderer writes mails whose links begin with the address that people reach
// the program at, FIELDGATE_BASE_URL. It is a notify.Renderer.
type Renderer struct {
	base string
}

// New returns a Renderer. The base is an address without a path, such as
// https://portal.example.com.
func New(base string) Renderer { return Renderer{base: strings.TrimRight(base, "/")} }

// logoCID names the logo within a mail.
const logoCID = "logo"

// Render writes one mail.
func (r Renderer) Render(ctx context.Context, m notify.Mail) (notify.Rendered, error) {
	l, err := r.email(m)
	if err != nil {
		return notify.Rendered{}, err
	}
	var inline []mail.Inline
	if l.Sender, err = sender(m.Business); err != nil {
		return notify.Rendered{}, err
	}
	if l.Sender.LogoCID != "" {
		inline = append(inline, mail.Inline{CID: logoCID, Type: m.Business.LogoType, Data: m.Business.Logo})
	}
	inline = append(inline, pictures(m.Content)...)
	if len(m.More) > 0 {
		l.Subject += ", and more"
		l.Blocks = append(l.Blocks, emailview.Extract{Label: "Also, a few minutes later", Text: strings.Join(m.More, "\n")})
	}
	if m.Answers {
		l.Blocks = answered(l.Blocks, m.Business)
	}
	for i, block := range l.Blocks {
		switch b := block.(type) {
		case emailview.Button:
			b.URL = r.there(b.URL, m)
			l.Blocks[i] = b
		case emailview.Pictures:
			b.URL = r.there(b.URL, m)
			l.Blocks[i] = b
		}
	}
	if m.Open != "" {
		l.Reason += " Its link needs no signing in, for 14 days: whoever has this email can open it."
	}
	rendered := notify.Rendered{Subject: l.Subject, Inline: inline, Attached: r.calendar(m)}
	if m.Stop != "" {
		l.Stop = r.link(route.StopEmails(m.Stop))
		if !m.NoAccess {
			l.Choose = r.named(r.link(route.DetailsEmails), m.Contact)
		}
		rendered.Unsubscribe = l.Stop
	}
	if rendered.HTML, err = l.HTML(ctx); err != nil {
		return notify.Rendered{}, err
	}
	rendered.Text = l.Text()
	return rendered, nil
}

func (r Renderer) email(m notify.Mail) (emailview.Email, error) {
	b := m.Business
	switch c := m.Content.(type) {
	case notify.Invitation:
		return r.invitation(b, c), nil
	case notify.JobVisit:
		return r.booked(m, c), nil
	case notify.JobReport:
		return r.completed(m, c), nil
	case notify.VisitCalledOff:
		return r.calledOff(m, c), nil
	case notify.FreshLink:
		return r.freshLink(m, c), nil
	case notify.Receipt:
		return r.received(m, c), nil
	case notify.WithdrawnNotice:
		return r.withdrawn(m, c), nil
	case notify.VisitAnswer:
		return r.answered(m, c), nil
	case notify.SharedFiles:
		return r.shared(m, c), nil
	case notify.PricedQuote:
		return r.pricedQuote(m, c), nil
	case notify.AnsweredQuote:
		return r.answeredQuote(m, c), nil
	case notify.MessageNotice:
		return r.message(m, c), nil
	case notify.Code:
		return r.code(b, c), nil
	case notify.FactorNotice:
		return r.factor(b, c), nil
	case notify.Reset:
		return r.reset(b, c), nil
	case notify.PasswordNotice:
		return r.passwordChanged(b, c), nil
	case notify.AddressConfirm:
		return r.confirmAddress(b, c), nil
	case notify.AddressNotice:
		return r.addressChanged(b, c), nil
	case notify.WebhookOff:
		return r.webhookOff(b, c), nil
	case notify.FileDropped:
		return r.fileDropped(b, c), nil
	case notify.FailedSignIns:
		return r.failedSignIns(b, c), nil
	case notify.SignInNotice:
		return r.newSignIn(b, c), nil
	case notify.PasskeyNotice:
		return r.passkeyChanged(b, c), nil
	case notify.ContactAddressNotice:
		return r.contactAddressChanged(b, c), nil
	case notify.StaffRoleNotice:
		return r.staffRoleChanged(b, c), nil
	case notify.StaffLink:
		return r.staffLink(b, c), nil
	case notify.StaffPasswordNotice:
		return r.staffPasswordChanged(b, c), nil
	case notify.AccessNotice:
		return r.access(c), nil
	case notify.JobNotice:
		return r.job(b, c), nil
	case notify.QuoteNotice:
		return r.quote(m, c), nil
	case notify.QuoteDecision:
		return r.decision(m, c), nil
	case notify.EquipmentNotice:
		return r.equipment(m, c), nil
	case notify.DocumentNotice:
		return r.document(m, c), nil
	case notify.DetailsNotice:
		return r.details(m, c), nil
	case notify.TestMail:
		return r.test(b, c), nil
	}
	return emailview.Email{}, fmt.Errorf("no mail is written for %T", m.Content)
}

// link is the absolute address of one of our pages.
func (r Renderer) link(path string) string { return r.base + path }

// there is the link as the mail's reader follows it: the record that the mail is
// about opens without signing in, where the mail carries a token for that.
func (r Renderer) there(link string, m notify.Mail) string {
	path := strings.TrimPrefix(link, r.base)
	if m.Open != "" && (strings.HasPrefix(path, route.Jobs+"/") || strings.HasPrefix(path, route.Quotes+"/")) {
		return r.link(route.RecordLink(m.Open))
	}
	return r.named(link, m.Contact)
}

// named is the link as whoever is written to as that contact follows it: to a
// page of the portal it names their customer, for those who have several.
func (r Renderer) named(link string, contact int64) string {
	path := strings.TrimPrefix(link, r.base)
	for _, area := range []string{route.Jobs, route.Quotes, route.Equipment, route.Documents, route.Details} {
		if path == area || strings.HasPrefix(path, area+"/") {
			return r.link(route.LinkAs(path, contact))
		}
	}
	return link
}

// site is the address as people type it: portal.example.com.
func (r Renderer) site() string {
	if u, err := url.Parse(r.base); err == nil && u.Host != "" {
		return u.Host
	}
	return r.base
}

func sender(b notify.Business) (emailview.Sender, error) {
	palette, err := branding.New(b.BrandColour)
	if err != nil {
		return emailview.Sender{}, fmt.Errorf("brand colour: %w", err)
	}
	s := emailview.Sender{Name: b.TradingName, Phone: b.Phone, Email: b.Email, Website: b.Website, Palette: palette}
	if lines := b.Address.Lines(); len(lines) > 0 {
		s.Lines = append(s.Lines, strings.Join(lines, ", "))
	}
	if b.RegistrationNumber != "" {
		s.Lines = append(s.Lines, strings.TrimSpace(b.RegistrationLabel+" "+b.RegistrationNumber))
	}
	// What mail programs cannot draw is left out, and the name stands instead.
	if b.LogoType == "image/png" || b.LogoType == "image/jpeg" {
		if c, _, err := image.DecodeConfig(bytes.NewReader(b.Logo)); err == nil {
			s.LogoCID = logoCID
			s.LogoWidth, s.LogoHeight = fit(c.Width, c.Height)
		}
	}
	return s, nil
}

// fit is a picture's size in a mail's head.
func fit(width, height int) (w, h int) {
	return within(width, height, 220, 56)
}

// within is a picture's size, scaled down until it fits.
func within(width, height int, maxWidth, maxHeight float64) (w, h int) {
	if width <= 0 || height <= 0 {
		return int(maxWidth), int(maxHeight)
	}
	scale := min(1, maxWidth/float64(width), maxHeight/float64(height))
	return max(1, int(math.Round(float64(width)*scale))), max(1, int(math.Round(float64(height)*scale)))
}

// short is the beginning of a text in one line, for subjects.
func short(text string) string {
	const length = 60
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > length {
		text = strings.TrimRight(string(r[:length-1]), " ,.;:") + "…"
	}
	return text
}

// firstOf is the first that is not empty.
func firstOf(values ...string) string {
	for _, v := range values {
		if strings.TrimSpace(v) != "" {
			return v
		}
	}
	return ""
}

// greeting is how a mail begins.
func greeting(name string) emailview.Paragraph {
	if name = strings.TrimSpace(name); name == "" {
		return "Hello,"
	}
	return emailview.Paragraph("Hello " + name + ",")
}
