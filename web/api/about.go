package api

import (
	"context"
	"net/http"
	"time"

	"fieldgate/internal/token"
)

// Me is who the caller is.
type Me struct {
	Kind         string     `json:"kind" enum:"token,key" doc:"A token of the office, or a contact’s key."`
	Name         string     `json:"name" doc:"What it was called when it was made."`
	Business     string     `json:"business" doc:"Whose portal this is."`
	Source       string     `json:"source,omitempty" doc:"Under which the token’s external ids are kept."`
	Scopes       []string   `json:"scopes,omitempty" doc:"What a token may do."`
	AllCustomers bool       `json:"all_customers" doc:"Whether it reaches all customers."`
	Customers    []Reached  `json:"customers,omitempty" doc:"The customers it reaches, when that is not all."`
	Contact      string     `json:"contact,omitempty" doc:"Whose key it is."`
	ExpiresAt    *time.Time `json:"expires_at,omitempty" doc:"Until when it works; for ever without."`
	Now          time.Time  `json:"now" doc:"The time by the business’s own clock."`
	TimeZone     string     `json:"time_zone" doc:"In which the business’s days begin."`
}

// Reached is a customer that the caller reaches.
type Reached struct {
	Number string `json:"number"`
	Name   string `json:"name"`
}

type meOutput struct{ Body Me }

// about declares what each caller may ask.
func (a *API) about() {
	Anybody(a, Op{
		ID: "get-me", Method: http.MethodGet, Path: "/me", Group: "About the token", Summary: "Who calls, and what it may do",
		Description: "Try a new token with this: it needs no scope.",
	}, func(_ context.Context, c Caller, _ *struct{}) (*meOutput, error) {
		if c.ByKey() {
			v := c.Contact
			return &meOutput{Me{
				Kind: "key", Name: c.Key.Name, Business: v.Business.Name, Contact: v.Name, ExpiresAt: c.Key.ExpiresAt,
				Customers: []Reached{{v.CustomerNo, v.CustomerName}}, Now: v.Business.Format.Now, TimeZone: v.Business.Format.Zone().String(),
			}}, nil
		}
		me := Me{
			Kind: "token", Name: c.Token.Name, Business: c.Office.Business, Source: c.Token.Source, AllCustomers: c.Token.AllCustomers, ExpiresAt: c.Token.ExpiresAt,
			Now: c.Office.Format.Now, TimeZone: c.Office.Format.Zone().String(),
		}
		for _, s := range c.Token.Scopes {
			me.Scopes = append(me.Scopes, string(s))
		}
		for _, of := range c.Token.Customers {
			me.Customers = append(me.Customers, reached(of))
		}
		return &meOutput{me}, nil
	})
}

func reached(c token.Customer) Reached { return Reached{c.Number, c.Name} }
