package main

import (
	"context"
	"encoding/json"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	"k8s.io/apiserver/pkg/authorization/union"
	rbacdefaults "k8s.io/kubernetes/pkg/apis/rbac/v1"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"
)

// roleStore holds RBAC objects in the order given. It answers as the API
// server's listers do, except that their order is random.
type roleStore struct {
	roles               []*rbacv1.Role
	roleBindings        []*rbacv1.RoleBinding
	clusterRoles        []*rbacv1.ClusterRole
	clusterRoleBindings []*rbacv1.ClusterRoleBinding
}

// rbacAuthorizer chains what kube-apiserver chains: the privileged group, then
// RBAC over the objects. Objects of other kinds are left out.
func rbacAuthorizer(objects []json.RawMessage) (authorizer.Authorizer, error) {
	store := &roleStore{}
	for i, object := range objects {
		if err := store.add(object); err != nil {
			return nil, fmt.Errorf("rbac object %d: %w", i, err)
		}
	}
	return union.New(
		union.NamedAuthorizer{
			AuthorizerName: "kubernetes.io/system-privileged-group",
			Authorizer:     authorizerfactory.NewPrivilegedGroups(user.SystemPrivilegedGroup),
		},
		union.NamedAuthorizer{
			AuthorizerName: "rbac",
			Authorizer:     rbac.New(store, store, store, store),
		},
	)
}

func (s *roleStore) add(raw json.RawMessage) error {
	var head struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return err
	}
	switch head.Kind {
	case "Role":
		role := &rbacv1.Role{}
		s.roles = append(s.roles, role)
		return json.Unmarshal(raw, role)
	case "ClusterRole":
		role := &rbacv1.ClusterRole{}
		s.clusterRoles = append(s.clusterRoles, role)
		return json.Unmarshal(raw, role)
	case "RoleBinding":
		binding := &rbacv1.RoleBinding{}
		if err := json.Unmarshal(raw, binding); err != nil {
			return err
		}
		rbacdefaults.SetObjectDefaults_RoleBinding(binding)
		s.roleBindings = append(s.roleBindings, binding)
	case "ClusterRoleBinding":
		binding := &rbacv1.ClusterRoleBinding{}
		if err := json.Unmarshal(raw, binding); err != nil {
			return err
		}
		rbacdefaults.SetObjectDefaults_ClusterRoleBinding(binding)
		s.clusterRoleBindings = append(s.clusterRoleBindings, binding)
	}
	return nil
}

func (s *roleStore) GetRole(_ context.Context, namespace, name string) (*rbacv1.Role, error) {
	for _, role := range s.roles {
		if role.Namespace == namespace && role.Name == name {
			return role, nil
		}
	}
	return nil, apierrors.NewNotFound(rbacv1.Resource("role"), name)
}

func (s *roleStore) GetClusterRole(_ context.Context, name string) (*rbacv1.ClusterRole, error) {
	for _, role := range s.clusterRoles {
		if role.Name == name {
			return role, nil
		}
	}
	return nil, apierrors.NewNotFound(rbacv1.Resource("clusterrole"), name)
}

func (s *roleStore) ListRoleBindings(_ context.Context, namespace string) ([]*rbacv1.RoleBinding, error) {
	var found []*rbacv1.RoleBinding
	for _, binding := range s.roleBindings {
		if binding.Namespace == namespace {
			found = append(found, binding)
		}
	}
	return found, nil
}

func (s *roleStore) ListClusterRoleBindings(context.Context) ([]*rbacv1.ClusterRoleBinding, error) {
	return s.clusterRoleBindings, nil
}
