//! client-native
