// Package pdf prints quotes and work reports with the business's letterhead.
package pdf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"fieldgate/internal/blob"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
)

// Letterhead is what the business puts at the head and the foot of a document.
type Letterhead struct {
	Name         string // the trading name
	LegalName    string
	Registration string // "ABN 51 824 753 556"
	Address      []string
	Phone        string
	Email        string
	Website      string
	Logo         []byte // PNG; none when empty
	Brand        string // #rrggbb, readable on white
	Format       company.Format

	fonts *Fonts // of further scripts; nil for none
}

// Renderer prints documents, few at a time: each holds its pictures and fonts in
// memory until it is done.
type Renderer struct {
	db    postgres.DB
	store blob.Store
	fonts *Fonts
	busy  chan struct{}
}

// atOnce is how many documents are printed at a time.
const atOnce = 2

// NewRenderer takes the letterhead from the company, and logo and
// photos from the store. Fonts may be nil.
func NewRenderer(db postgres.DB, store blob.Store, fonts *Fonts) *Renderer {
	return &Renderer{db: db, store: store, fonts: fonts, busy: make(chan struct{}, atOnce)}
}

// Quote prints a quote, with the signature under its answer. The same quote under the same letterhead is the same
// file, byte for byte.
func (p *Renderer) Quote(ctx context.Context, q Quote) ([]byte, error) {
	return p.print(ctx, q.From, func(head Letterhead) (_ []byte, err error) {
		if q.Answer != nil && q.Answer.Signature != "" {
			answer := *q.Answer
			if answer.drawn, err = p.read(ctx, answer.Signature); err != nil {
				return nil, err
			}
			q.Answer = &answer
		}
		return printQuote(head, q)
	})
}

// Document is what can be printed.
type Document interface {
	// texts are all that it says and somebody has typed.
	texts() []string
}

// Unprintable are the letters of a document that no font has, each once, in the
// order in which they come; "" when all can be printed.
func (p *Renderer) Unprintable(d Document) string {
	if embedded() == nil {
		return "" // Helvetica knows what it is asked to print only while it does
	}
	var letters []rune
	for _, text := range d.texts() {
		for _, c := range tidy(text) {
			if c != '\n' && printed(c) && !slices.Contains(letters, c) && p.fonts.faceOf(c, false, hanOf("", "")) == nil {
				letters = append(letters, c)
			}
		}
	}
	return string(letters)
}

// Job prints a work report. Photos are read from the store by their keys; one
// that is missing there is left out.
func (p *Renderer) Job(ctx context.Context, j Job) ([]byte, error) {
	return p.print(ctx, j.From, func(head Letterhead) ([]byte, error) {
		for i := range j.Photos {
			if i >= maxPhotos {
				break
			}
			data, err := p.read(ctx, j.Photos[i].Key)
			if err != nil {
				return nil, err
			}
			j.Photos[i].data = data
		}
		return printJob(head, j)
	})
}

func (p *Renderer) print(ctx context.Context, from *company.Company, print func(Letterhead) ([]byte, error)) (out []byte, err error) {
	select {
	case p.busy <- struct{}{}:
		defer func() { <-p.busy }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	head, err := p.letterhead(ctx, from)
	if err != nil {
		return nil, err
	}
	defer func() {
		// The library panics on some fonts and pictures it cannot read.
		if r := recover(); r != nil {
			err = fmt.Errorf("print document: %v", r)
		}
	}()
	return print(head)
}

func (p *Renderer) letterhead(ctx context.Context, c *company.Company) (_ Letterhead, err error) {
	if c == nil {
		read, err := company.Read(ctx, p.db)
		if err != nil {
			return Letterhead{}, err
		}
		c = &read
	}
	head := Letterhead{
		Name: c.TradingName, LegalName: c.LegalName, Address: c.Address.Lines(), Phone: c.Phone, Email: c.Email, Website: c.Website, Format: c.Format(), fonts: p.fonts,
	}
	if c.RegistrationNumber != "" {
		head.Registration = c.RegistrationLabel + " " + c.RegistrationNumber
	}
	if palette, err := branding.New(c.BrandColour); err == nil {
		head.Brand = palette.Light.Ink
	}
	if c.LogoKey != "" {
		head.Logo, err = p.read(ctx, c.LogoKey)
	}
	return head, err
}

// maxPicture is more than any rendition or logo of ours weighs.
const maxPicture = 4 << 20

// read is a file of the store; nothing when it is missing there.
func (p *Renderer) read(ctx context.Context, key string) ([]byte, error) {
	f, err := p.store.Open(ctx, key)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPicture+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(data) > maxPicture {
		return nil, nil
	}
	return data, nil
}
