package doctor

import (
	"context"
	"fmt"

	"fieldgate/internal/openid"
)

// provider asks the business's own provider of OpenID Connect where it answers.
func provider(ctx context.Context, r *round) []Finding {
	s := r.Config.OIDC
	if !s.Set() {
		return one(ok("Staff come in by password and passkey alone. FIELDGATE_OIDC_ISSUER lets them come by your own provider, too."))
	}
	told, err := openid.New(s.Inside).Try(ctx, s.Client())
	switch {
	case openid.KindOf(err) == openid.Misset:
		return one(fault(fmt.Sprintf("At %s there is no provider of that name.", s.Issuer), "Compare FIELDGATE_OIDC_ISSUER with “issuer” in its document /.well-known/openid-configuration, letter by letter."))
	case err != nil:
		return one(fault(fmt.Sprintf("The provider %s does not answer: staff come in by password and passkey alone.", s.Issuer), "See that it runs and that this machine reaches it."))
	}
	return one(ok(fmt.Sprintf("The provider answers; staff log in at %s.", told.Host)))
}
