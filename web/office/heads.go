package officeweb

import (
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/office"
	"fieldgate/internal/postgres"
)

// jobs are the screens of jobs, whose head stands above files and messages.
func jobs(db postgres.DB, _ *office.Service) Jobs { return Jobs{Pool: pool(db)} }

// equipmentScreens are those of equipment.
func equipmentScreens(db postgres.DB, _ *office.Service) Equipment { return Equipment{Pool: pool(db)} }

func pool(db postgres.DB) *pgxpool.Pool {
	p, _ := db.(*pgxpool.Pool)
	return p
}
