package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apiserver/pkg/authorization/authorizer"
	authorizationapi "k8s.io/kubernetes/pkg/apis/authorization"
	authorizationutil "k8s.io/kubernetes/pkg/registry/authorization/util"

	authorizationv1 "k8s.io/api/authorization/v1"
	conversion "k8s.io/kubernetes/pkg/apis/authorization/v1"
)

// rbacRequest is one line of `oracle batch rbac`.
type rbacRequest struct {
	ID      json.RawMessage   `json:"id"`
	Objects []json.RawMessage `json:"objects"`
	// ObjectsFile names a file with the objects: a JSON array, or a List.
	ObjectsFile string                                  `json:"objectsFile"`
	Spec        authorizationv1.SubjectAccessReviewSpec `json:"spec"`
}

type rbacAnswer struct {
	ID              json.RawMessage `json:"id"`
	Allowed         bool            `json:"allowed"`
	Reason          string          `json:"reason"`
	EvaluationError string          `json:"evaluationError,omitempty"`
}

// rbacKind keeps the authorizers of files it has read.
type rbacKind struct {
	files map[string]authorizer.Authorizer
}

func newRbacKind() answerFunc {
	return (&rbacKind{files: map[string]authorizer.Authorizer{}}).answer
}

func (k *rbacKind) answer(line []byte) (any, error) {
	var request rbacRequest
	if err := decode(line, &request); err != nil {
		return nil, err
	}
	authz, err := k.authorizer(&request)
	if err != nil {
		return nil, err
	}
	var spec authorizationapi.SubjectAccessReviewSpec
	if err := conversion.Convert_v1_SubjectAccessReviewSpec_To_authorization_SubjectAccessReviewSpec(&request.Spec, &spec, nil); err != nil {
		return nil, err
	}
	attributes := authorizationutil.AuthorizationAttributesFrom(spec)
	decision, reason, err := authz.Authorize(context.Background(), attributes)
	return rbacAnswer{
		ID:              request.ID,
		Allowed:         decision == authorizer.DecisionAllow,
		Reason:          reason,
		EvaluationError: authorizationutil.BuildEvaluationError(err, attributes),
	}, nil
}

func (k *rbacKind) authorizer(request *rbacRequest) (authorizer.Authorizer, error) {
	if request.ObjectsFile == "" {
		return rbacAuthorizer(request.Objects)
	}
	if authz := k.files[request.ObjectsFile]; authz != nil {
		return authz, nil
	}
	text, err := os.ReadFile(request.ObjectsFile)
	if err != nil {
		return nil, err
	}
	objects, err := objectList(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", request.ObjectsFile, err)
	}
	authz, err := rbacAuthorizer(append(objects, request.Objects...))
	if err != nil {
		return nil, err
	}
	k.files[request.ObjectsFile] = authz
	return authz, nil
}

// objectList reads a JSON array of objects, or a List object.
func objectList(text []byte) ([]json.RawMessage, error) {
	var items []json.RawMessage
	if json.Unmarshal(text, &items) == nil {
		return items, nil
	}
	var list struct {
		Items []json.RawMessage `json:"items"`
	}
	err := json.Unmarshal(text, &list)
	return list.Items, err
}
