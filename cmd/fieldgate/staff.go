package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/config"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/signin"
	"fieldgate/internal/staff"
	"fieldgate/templates/route"
)

func operator(command string) audit.Actor {
	return audit.Actor{Operator: true, Name: "fieldgate " + command}
}

func addStaff(ctx context.Context, args []string) error {
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) error {
		email, name := args[0], strings.Join(args[1:], " ")
		var token string
		err := postgres.Transact(ctx, pool, func(tx postgres.Tx) (err error) {
			token, err = signin.CreateAdministrator(ctx, tx, operator("staff add"), name, email)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("%s <%s> is an Administrator. This link works once, for seven days:\n\n  %s\n\n", name, email, cfg.BaseURL+route.OfficeWelcome(token))
		return nil
	}, "FIELDGATE_BASE_URL")
}

func listStaff(ctx context.Context, _ []string) error {
	return withDatabase(ctx, func(_ config.Config, pool *pgxpool.Pool) error {
		var all []staff.Member
		if err := postgres.Read(ctx, pool, func(b *postgres.Batch) { staff.QueryAll(b, &all) }); err != nil {
			return err
		}
		if len(all) == 0 {
			fmt.Println("Nobody yet. fieldgate staff add makes the first Administrator.")
		}
		for _, m := range all {
			fmt.Printf("%-40s %-14s %-10s %-18s %s\n", m.Email, m.Role.Label(), stateOf(m), lastSeen(m), m.Name)
		}
		return nil
	})
}

func stateOf(m staff.Member) string {
	switch {
	case m.Archived():
		return "archived"
	case !m.Role.SignsIn():
		return "-"
	}
	return string(m.State)
}

func lastSeen(m staff.Member) string {
	if m.LastSignInAt == nil {
		return "never signed in"
	}
	return m.LastSignInAt.UTC().Format("2006-01-02 15:04Z")
}

func linkStaff(ctx context.Context, args []string) error {
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) error {
		var m staff.Member
		var token string
		err := postgres.Transact(ctx, pool, func(tx postgres.Tx) (err error) {
			if m, err = staff.FindByEmail(ctx, tx, args[0]); err != nil {
				return err
			}
			token, err = signin.NewStaffLink(ctx, tx, operator("staff link"), m)
			return err
		})
		if err != nil {
			return refused(args[0], err)
		}
		address, lasts := route.OfficeReset(token), signin.StaffReset.Lasts()
		if m.State == staff.Invited {
			address, lasts = route.OfficeWelcome(token), signin.StaffInvitation.Lasts()
		}
		fmt.Printf("With this link %s <%s> chooses a new password. It works once, for %s:\n\n  %s\n\n", m.Name, m.Email, lasts, cfg.BaseURL+address)
		return nil
	}, "FIELDGATE_BASE_URL")
}

// refused puts into words that there is nobody of that address.
func refused(email string, err error) error {
	if errors.Is(err, apperr.NotFound) {
		return fmt.Errorf("nobody who works here has the address %s; fieldgate staff list shows who does", email)
	}
	return err
}

func removeStaffFactor(ctx context.Context, args []string) error {
	return withDatabase(ctx, func(cfg config.Config, pool *pgxpool.Pool) error {
		box, err := cfg.Box()
		if err != nil {
			return err
		}
		client, err := queue.NewClient(pool)
		if err != nil {
			return err
		}
		mails := notify.New(client, box)
		var m staff.Member
		err = postgres.Transact(ctx, pool, func(tx postgres.Tx) (err error) {
			if m, err = staff.FindByEmail(ctx, tx, args[0]); err != nil {
				return err
			}
			forgotten, err := signin.TakeStaffFactor(ctx, tx, operator("staff factor"), m.ID)
			if err != nil {
				return err
			}
			if err := mails.FactorChanged(ctx, tx, 0, m.ID, signin.FactorTaken, 0); err != nil || !forgotten {
				return err
			}
			link, err := signin.ResetStaff(ctx, tx, operator("staff factor"), m.ID)
			if err != nil {
				return err
			}
			return mails.StaffReset(ctx, tx, link)
		})
		if err != nil {
			return refused(args[0], err)
		}
		fmt.Printf("%s <%s> signs in without a second factor from now on, is signed out everywhere, and told by email.\n", m.Name, m.Email)
		return nil
	}, "FIELDGATE_SECRET_KEY")
}

func suspendStaff(ctx context.Context, args []string) error {
	return withDatabase(ctx, func(_ config.Config, pool *pgxpool.Pool) error {
		var m staff.Member
		err := postgres.Transact(ctx, pool, func(tx postgres.Tx) (err error) {
			if m, err = staff.FindByEmail(ctx, tx, args[0]); err != nil {
				return err
			}
			if err := staff.Suspend(ctx, tx, operator("staff suspend"), m.ID); err != nil {
				return err
			}
			return signin.EndSessionsOfStaff(ctx, tx, m.ID, "")
		})
		if err != nil {
			return refused(args[0], err)
		}
		fmt.Printf("%s <%s> is suspended, and signed out everywhere.\n", m.Name, m.Email)
		return nil
	})
}
