package postgres

import (
	"encoding/binary"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/shopspring/decimal"
)

// readDecimals lets a connection read amounts as they come. Without it each is
// written out as text and read again.
func readDecimals(c *pgx.Conn) {
	c.TypeMap().RegisterType(&pgtype.Type{Name: "numeric", OID: pgtype.NumericOID, Codec: decimals{}})
}

type decimals struct{ pgtype.NumericCodec }

// PlanScan is how a value gets into target.
func (d decimals) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if _, ok := target.(*decimal.Decimal); ok {
		if next := d.NumericCodec.PlanScan(m, oid, format, new(amount)); next != nil {
			return toAmount{next}
		}
	}
	return d.NumericCodec.PlanScan(m, oid, format, target)
}

type toAmount struct{ next pgtype.ScanPlan }

// Scan reads one value.
func (a toAmount) Scan(src []byte, target any) error {
	d, ok := target.(*decimal.Decimal)
	if !ok {
		return errors.ErrUnsupported
	}
	if err := a.next.Scan(src, (*amount)(d)); err != nil {
		return err
	}
	if d.IsZero() && len(src) == 8 && src[0] == 0 { // no digits: how many places it has stands at the end
		*d = decimal.New(0, -int32(binary.BigEndian.Uint16(src[6:])))
	}
	return nil
}

type amount decimal.Decimal

var errNoAmount = errors.New("null, or no finite number, where an amount is expected")

// ScanNumeric takes what the driver has read.
func (a *amount) ScanNumeric(n pgtype.Numeric) error {
	if !n.Valid || n.NaN || n.InfinityModifier != pgtype.Finite {
		return errNoAmount
	}
	*a = amount(decimal.NewFromBigInt(n.Int, n.Exp))
	return nil
}
